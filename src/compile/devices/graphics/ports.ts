import type { CompileEnv } from '../../../plan/index.ts';
import type { Domain } from '../../domain.ts';

/** The ports that are chosen at start, one for each use that a domain can have of one. */
export interface AutoPorts {
  readonly vnc: number;
  readonly spice: number;
  readonly spiceTls: number;
  readonly websocket: number;
}

/** What libvirt prints for a domain that is not started. */
const LIBVIRT: AutoPorts = { vnc: 5900, spice: 5901, spiceTls: 5902, websocket: -1 };

const FIRST_PORT = 5900;
const FIRST_WEBSOCKET_PORT = 5700;

/** Free ports: not what the host listens at, not what the domain names itself. */
export function autoPorts(domain: Domain, { profile, facts }: CompileEnv): AutoPorts {
  if (profile.kind === 'libvirt') return LIBVIRT;
  const taken = new Set([...(facts.listeningPorts ?? []), ...namedPorts(domain)]);
  const vnc = domain.devices.graphics.some((g) => g.type === 'vnc' && g.autoport);
  return {
    // A fixed VNC port takes none of those that SPICE can have.
    vnc: vnc ? take(taken, FIRST_PORT) : FIRST_PORT,
    spice: take(taken, FIRST_PORT),
    spiceTls: take(taken, FIRST_PORT),
    websocket: take(taken, FIRST_WEBSOCKET_PORT),
  };
}

function take(taken: Set<number>, first: number): number {
  let port = first;
  while (taken.has(port)) port++;
  taken.add(port);
  return port;
}

function namedPorts({ devices }: Domain): number[] {
  return devices.graphics
    .flatMap((g) => {
      if (g.type === 'vnc') return [g.port, g.websocket];
      return g.type === 'spice' ? [g.port, g.tlsPort] : [];
    })
    .filter((port) => port !== undefined && port > 0)
    .map(Number);
}
