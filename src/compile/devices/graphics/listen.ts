import type { CompileEnv, HostRequirement } from '../../../plan/index.ts';
import { parseXml, type SOURCE } from '../../../xml/index.ts';
import type { EmitContext } from '../../context.ts';
import { directoryOfQemu } from '../../shared/machine-paths.ts';
import type { Listen, Spice, Vnc } from './schema.ts';

/** Where a graphics server listens unless its domain says so (libvirt's `vnc_listen`, `spice_listen`). */
const DEFAULT_ADDRESS = '127.0.0.1';

type Listening = Pick<Vnc, 'listen' | 'listenAddress' | typeof SOURCE> & {
  readonly socket?: string | undefined;
};

/**
 * The listens in their one form: `socket` and `listen` of `<graphics>` are old ways to write the first one. They print
 * too, for who reads the old ones.
 */
export function resolveListens<T extends Listening>(xml: T): T {
  const { listenAddress: _, socket: __, listen: written, ...rest } = xml;
  const listen = listens(xml, written.map(withoutEmpty));
  const [first] = listen;
  const listenAddress = first?.type === 'address' ? first.address : undefined;
  const resolved: Listening = {
    ...rest,
    listen,
    ...(listenAddress !== undefined && { listenAddress }),
    ...(first?.type === 'socket' && first.socket !== undefined && { socket: first.socket }),
  };
  return resolved as T;
}

function listens({ socket, listenAddress }: Listening, written: readonly Listen[]): readonly Listen[] {
  const [first, ...others] = written;
  const isOld = first === undefined || first.type === 'address' || first.type === 'network';
  if (socket !== undefined && isOld) return [{ type: 'socket', socket }, ...others];
  if (first === undefined) return [{ type: 'address', ...(listenAddress && { address: listenAddress }) }];
  const address = first.type === 'address' ? (first.address ?? (listenAddress || undefined)) : undefined;
  const path = first.type === 'socket' ? (first.socket ?? socket) : undefined;
  return [{ ...first, ...(address && { address }), ...(path !== undefined && { socket: path }) }, ...others];
}

function withoutEmpty({ address, network, socket, ...listen }: Listen): Listen {
  return {
    ...listen,
    ...(address && listen.type === 'address' && { address }),
    ...(network && listen.type === 'network' && { network }),
    ...(socket && listen.type === 'socket' && { socket }),
  };
}

export type Place =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown-network'; readonly network: string };

/** Where the server is reached, with what the host knows: a network's address, the machine's own directory. */
export function placeOf(graphics: Vnc | Spice, domainName: string, env: CompileEnv): Place {
  const [listen] = graphics.listen;
  switch (listen?.type) {
    case 'socket':
      return {
        kind: 'socket',
        path: listen.socket ?? `${directoryOfQemu(domainName, env)}/${graphics.type}.sock`,
      };
    case 'network':
      return networkPlace(listen.network ?? '', env);
    case 'none':
      return { kind: 'none' };
    default:
      return { kind: 'address', address: listen?.address ?? DEFAULT_ADDRESS };
  }
}

/** What nobody else may listen at: ports, or a socket that the domain names; one in the machine's own directory goes with that. */
export function listensAt(
  graphics: Vnc | Spice,
  ports: readonly (number | undefined)[],
  { domain, env }: EmitContext,
): readonly HostRequirement[] {
  const { type: device, listen } = graphics;
  const place = placeOf(graphics, domain.name, env);
  if (place.kind === 'socket')
    return listen[0]?.socket === undefined ? [] : [{ type: 'qemu-socket', device, path: place.path }];
  if (place.kind !== 'address') return [];
  const { address } = place;
  return ports.flatMap((port = 0): HostRequirement[] =>
    port > 0 ? [{ type: 'port', device, protocol: 'tcp', address, port }] : [],
  );
}

/** The first IPv4 address of the network itself (format: "Graphical framebuffers", listen type `network`). */
function networkPlace(network: string, { facts }: CompileEnv): Place {
  const known = Object.entries(facts.networks).find(
    ([key]) => key === network || key.startsWith(network.endsWith(';') ? network : `${network};`),
  );
  const definition = known === undefined ? undefined : parseXml(known[1].definition);
  const ip = definition?.children.find(
    (c) =>
      c.name === 'ip' && (c.attributes.family ?? 'ipv4') === 'ipv4' && c.attributes.address !== undefined,
  );
  const address = ip?.attributes.address;
  return address === undefined ? { kind: 'unknown-network', network } : { kind: 'address', address };
}
