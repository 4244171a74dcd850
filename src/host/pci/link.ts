import { ip, type LinkSettings, linkSettings } from '../ip.ts';
import type { HostSystem } from '../system.ts';
import { networkInterface } from './functions.ts';

/** A network card's interface, which goes away with its driver. Its addresses and routes are gone then: nobody gives those back. */
export interface CardLink extends Omit<LinkSettings, 'address'> {
  readonly name: string;
}

export function linkOfCard(host: HostSystem, address: string): CardLink | undefined {
  const name = networkInterface(host, address);
  const settings = name === undefined ? undefined : linkSettings(host, name);
  if (name === undefined || settings === undefined) return undefined;
  const { address: _, ...kept } = settings;
  return { name, ...kept };
}

/**
 * Gives the interface of a card that has its driver back the name and the settings that it had: the kernel numbers interfaces in
 * the order in which they come. Does nothing where there is none, or where its name is another's by now.
 * @throws QdomError `host/command-failed`
 */
export async function restoreLink(host: HostSystem, address: string, before: CardLink): Promise<void> {
  const now = linkOfCard(host, address);
  if (now === undefined) return;
  const isFree = now.name === before.name || linkSettings(host, before.name) === undefined;
  if (now.name !== before.name && isFree)
    await ip(host, ['link', 'set', 'dev', now.name, 'name', before.name]);
  const { name, mtu, bridge, up } = { ...before, name: isFree ? before.name : now.name };
  const changes = [
    ...(mtu === now.mtu ? [] : ['mtu', String(mtu)]),
    // Its bridge may be gone by now.
    ...(bridge === undefined || bridge === now.bridge || linkSettings(host, bridge) === undefined
      ? []
      : ['master', bridge]),
    ...(up && !now.up ? ['up'] : []),
  ];
  if (changes.length > 0) await ip(host, ['link', 'set', 'dev', name, ...changes]);
}
