import type { CompileEnv } from '../../../plan/index.ts';
import { shortName } from '../../shared/machine-paths.ts';
import type { ChannelXml } from './schema.ts';

/**
 * Where the socket of a virtio channel is that the domain leaves to us: in a directory of the machine's own,
 * under the port's name, or where it sits if it has none.
 */
export function ownPath(channel: ChannelXml, domainName: string, { config }: CompileEnv): string {
  const directory = `${config.channelTargetDir}/${config.domainId}-${shortName(domainName)}`;
  return `${directory}/${channel.target.name ?? positionName(channel)}`;
}

function positionName({ address }: ChannelXml): string {
  if (address?.type !== 'virtio-serial') return 'channel.sock';
  const digits = [address.controller, address.bus, address.port].map((n) => String(n ?? 0).padStart(2, '0'));
  return `vioser-${digits.join('-')}.sock`;
}

/**
 * Whether a path is one that was made up for a channel before, for this domain or under an older name: it is
 * made up anew then, so that a copied definition does not take its origin's socket.
 */
export function isOwnPath(path: string, name: string | undefined, { config }: CompileEnv): boolean {
  const directory = [`${config.libDir}/channel/target/`, `${config.channelTargetDir}/`].find((d) =>
    path.startsWith(d),
  );
  if (directory === undefined) return false;
  const [machine = '', ...file] = path.slice(directory.length).split('/');
  // The oldest form has no directory for the machine: NAME.PORT.
  if (file.length === 0) return name === undefined || machine.endsWith(`.${name}`);
  return /^(?:domain|[0-9]+)-/.test(machine) && (name === undefined || name === file.join('/'));
}
