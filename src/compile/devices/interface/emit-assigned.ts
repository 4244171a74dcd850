import { jsonOption } from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { addressProps, romProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { pciName } from '../../shared/pci-function.ts';
import type { Attachment, Interface } from './model.ts';

/** A NIC that is a virtual function of the host: vfio-pci, its MAC and VLAN being set on the host. */
export function emitAssigned(
  nic: Placed<Interface>,
  { address, managed }: Extract<Attachment, { kind: 'hostdev' }>,
  cx: EmitContext,
): Emission {
  const host = pciName(address);
  const driver = nic.type === 'hostdev' ? nic.driver?.model : undefined;
  const vlan = nic.vlan?.tag[0]?.id;
  return {
    options: [
      jsonOption('-device', {
        driver: 'vfio-pci',
        host,
        id: nic.id,
        failover_pair_id: nic.teaming?.persistent,
        bootindex: nic.boot?.order,
        ...addressProps(nic, cx.domain),
        ...romProps(nic),
      }),
    ],
    // It is given back with its former MAC: its own driver asks for that when it gets it.
    host: [
      {
        ...{ type: 'pci-function', device: nic.id, function: host, managed },
        ...(driver !== undefined && { driver }),
      },
      {
        type: 'virtual-function',
        device: nic.id,
        function: host,
        mac: nic.mac.address,
        ...(vlan !== undefined && { vlan }),
      },
    ],
  };
}
