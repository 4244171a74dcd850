import type { HostRequirement } from '../../../plan/index.ts';
import type { EmitContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import { shortName } from '../../shared/machine-paths.ts';
import type { Interface } from './model.ts';
import type { InterfaceOf } from './schema.ts';

type PasstNic = Placed<InterfaceOf<'user' | 'vhostuser'> & Interface>;

/** Where passt listens for QEMU, and the requirement that it runs. */
export function passtSocket(
  nic: PasstNic,
  cx: EmitContext,
): { readonly path: string; readonly host: readonly HostRequirement[] } {
  const path = `${cx.env.config.passtStateDir}/${cx.env.config.domainId}-${shortName(cx.domain.name)}-${nic.id}.socket`;
  return {
    path,
    host: [
      {
        type: 'passt',
        device: nic.id,
        socket: path,
        vhostUser: nic.type === 'vhostuser',
        ...(nic.mtu !== undefined && { mtu: nic.mtu }),
        ...(nic.source?.dev !== undefined && { sourceInterface: nic.source.dev }),
        ...(nic.backend?.logFile !== undefined && { logFile: nic.backend.logFile }),
        addresses: nic.ip.map(({ address, family, prefix }) => ({
          address,
          family: family ?? 'ipv4',
          ...(prefix !== undefined && { prefix }),
        })),
        portForwards: nic.portForward.map(({ proto, address, dev, range }) => ({
          proto,
          ...(address !== undefined && { address }),
          ...(dev !== undefined && { dev }),
          ranges: range.map(({ start, end, to, exclude }) => ({
            start,
            ...(end !== undefined && { end }),
            ...(to !== undefined && { to }),
            exclude: exclude === true,
          })),
        })),
      },
    ],
  };
}
