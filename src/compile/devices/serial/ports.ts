import { targetType } from './model.ts';
import type { SerialXml } from './schema.ts';

/** QEMU's `isa-serial` (`MAX_ISA_SERIAL_PORTS`). */
export const ISA_PORTS = 4;

/** Whether it says that it is an ISA port: libvirt counts those that only become one with the others. */
function saysIsa({ target }: SerialXml): boolean {
  return target?.type === 'isa-serial';
}

function writtenPort({ target }: SerialXml): number | undefined {
  const port = target?.port ?? -1;
  return port < 0 ? undefined : port;
}

/** A memo and no state: the ports follow from the list, which never changes. */
const numbered = new WeakMap<readonly SerialXml[], ReadonlyMap<SerialXml, number>>();

/**
 * The number of a serial port: as written, else the lowest free one of the four ISA ports for one that says it is one, and
 * one more than the highest of all for any other.
 */
export function portOf(serial: SerialXml, all: readonly SerialXml[]): number {
  const known = numbered.get(all) ?? number(all);
  numbered.set(all, known);
  return known.get(serial) ?? 0;
}

function number(all: readonly SerialXml[]): ReadonlyMap<SerialXml, number> {
  const ports = new Map<SerialXml, number>();
  const isa = all.filter(saysIsa);
  const taken = new Set(isa.map(writtenPort));
  for (const serial of all) {
    const written = writtenPort(serial);
    if (written !== undefined) ports.set(serial, written);
  }
  for (const serial of isa) {
    if (ports.has(serial)) continue;
    const free = lowestFree(taken);
    taken.add(free);
    ports.set(serial, free);
  }
  let highest = Math.max(-1, ...ports.values());
  for (const serial of all) if (!ports.has(serial)) ports.set(serial, ++highest);
  return ports;
}

function lowestFree(taken: ReadonlySet<number | undefined>): number {
  let port = 0;
  while (taken.has(port)) port++;
  return port;
}

/** What is wrong with the number of a port that is, or becomes, an ISA port; any other's is for the XML alone. */
export function portProblem(
  serial: SerialXml,
  port: number,
  all: readonly SerialXml[],
): 'too-many' | 'shared-port' | undefined {
  if (!isIsa(serial)) return undefined;
  if (port >= ISA_PORTS) return 'too-many';
  const first = all.find((other) => isIsa(other) && portOf(other, all) === port);
  return first === serial ? undefined : 'shared-port';
}

function isIsa(serial: SerialXml): boolean {
  return targetType(serial) === 'isa-serial';
}
