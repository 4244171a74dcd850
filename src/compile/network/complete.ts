import { ownMode } from './read.ts';
import type { Network } from './schema.ts';

/** What is chosen for a network that does not say it. */
export interface NetworkChoices {
  readonly uuid: string;
  readonly mac: string;
  /** Names that a new bridge must not have. */
  readonly takenNames: ReadonlySet<string>;
}

/** The definition as it is kept: with a UUID, and with the name and the address of the bridge that it makes. */
export function completeNetwork(network: Network, { uuid, mac, takenNames }: NetworkChoices): Network {
  const known = { ...network, uuid: network.uuid ?? uuid };
  if (ownMode(network) === undefined) return known;
  return {
    ...known,
    mac: network.mac ?? mac,
    bridge: {
      ...network.bridge,
      name: network.bridge?.name ?? freeName(takenNames),
      stp: network.bridge?.stp ?? true,
      delay: network.bridge?.delay ?? 0,
    },
  };
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = 0; ; number++) if (!taken.has(`virbr${number}`)) return `virbr${number}`;
}
