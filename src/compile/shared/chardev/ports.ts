import type { Sourced } from '../../../xml/index.ts';

interface WithPort extends Sourced {
  readonly target?: { readonly port?: number | undefined } | undefined;
}

/**
 * The number of a serial or parallel port: as written, else one more than the highest before it in libvirt's
 * count, which begins behind the highest written one. `-1` stands for none.
 */
export function portOf(device: WithPort, all: readonly WithPort[]): number {
  const known = ports.get(all) ?? number(all);
  ports.set(all, known);
  return known.get(device) ?? 0;
}

/** Whether a port that has no number must be given one: then two with the same number cannot stand. */
export function hasUnnumbered(all: readonly WithPort[]): boolean {
  return all.some(({ target }) => (target?.port ?? -1) < 0);
}

/** A memo and no state: the ports follow from the list, which never changes. */
const ports = new WeakMap<readonly WithPort[], ReadonlyMap<WithPort, number>>();

function number(all: readonly WithPort[]): ReadonlyMap<WithPort, number> {
  let highest = Math.max(-1, ...all.map((d) => d.target?.port ?? -1));
  return new Map(
    all.map((d) => {
      const written = d.target?.port ?? -1;
      return [d, written >= 0 ? written : ++highest] as const;
    }),
  );
}
