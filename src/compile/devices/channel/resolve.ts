import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { type Chardev, type ChardevSource, resolveChardev } from '../../shared/chardev/index.ts';
import { channelErrors } from './errors.ts';
import { isOwnPath } from './own-path.ts';
import type { ChannelXml } from './schema.ts';

export type Channel = ChannelXml & Chardev;

/** A virtio channel's socket has no place in the definition if it is ours: it is where the machine runs. */
export function resolveChannel(xml: ChannelXml, cx: ResolveContext): Channel {
  const channel = withOwnTarget(resolveChardev(xml, cx), cx);
  if (channel.type !== 'unix' || channel.target.type !== 'virtio') return channel;
  const [source] = channel.source;
  const own = source?.path === undefined || isOwnPath(source.path, channel.target.name, cx.env);
  return own ? { ...channel, source: source === undefined ? [] : ownSource(source) } : channel;
}

/** A server's; what cannot be so is kept, for the rules to see. */
function ownSource({ reconnect, seclabel, ...source }: ChardevSource): ChardevSource[] {
  return reconnect === undefined ? [] : [{ mode: 'bind', reconnect, seclabel, [SOURCE]: source[SOURCE] }];
}

/** What `<target>` and `<address>` have no use for is left out: each target type has its own. */
function withOwnTarget(channel: Channel, cx: ResolveContext): Channel {
  const { target, address, ...rest } = channel;
  const { name, address: ip, port, ...bare } = target;
  const ignored = (what: string, path: readonly string[]) =>
    cx.report.add(channelErrors.ignored, { what, type: target.type }, whereIs(channel, ...path));
  const isVirtio = target.type === 'virtio';
  if (isVirtio && ip !== undefined) ignored('address', ['target', '@address']);
  if (isVirtio && port !== undefined) ignored('port', ['target', '@port']);
  if (!isVirtio && name !== undefined) ignored('name', ['target', '@name']);
  const fits = address === undefined || (isVirtio && address.type === 'virtio-serial');
  if (!fits) ignored(`address type '${address.type}'`, ['address', '@type']);
  return {
    ...rest,
    target: isVirtio
      ? { ...bare, ...(name !== undefined && { name }) }
      : { ...bare, ...(ip !== undefined && { address: ip }), ...(port !== undefined && { port }) },
    ...(fits && address && { address }),
  };
}
