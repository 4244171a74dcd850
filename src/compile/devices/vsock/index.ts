import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { attribute, child, element, integer, oneOf, type Read, yesNo } from '../../../xml/schema/index.ts';
import type { Emission, EmitContext, ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { virtioConnection } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { virtioDriver, virtioOptions, virtioProps } from '../../shared/virtio-options.ts';
import { vsockErrors } from './errors.ts';

/** Format: "Vsock". */
const schema = element(() => ({
  model: attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional')),
  cid: child(element(() => ({ auto: attribute(yesNo), address: attribute(integer()) }))),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
  driver: child(element(() => virtioOptions)),
}));

type VsockXml = Read<typeof schema>;
export interface Vsock extends VsockXml {
  readonly model: NonNullable<VsockXml['model']>;
}

/** 0 to 2 are the hypervisor, the loopback and the host (vsock(7)). */
const FIRST_GUEST_CID = 3;

export const vsock: DeviceModule<VsockXml, Vsock> = {
  kind: 'vsock',
  schema,
  resolve: (xml) => ({ ...xml, model: xml.model ?? 'virtio', cid: resolveCid(xml.cid) }),
  connect: ({ model }) => virtioConnection(model),
  validate,
  emit,
};

/** A CID that is written is the guest's, without one the host chooses. */
function resolveCid(cid: VsockXml['cid']): NonNullable<VsockXml['cid']> {
  return { ...cid, auto: cid?.auto ?? cid?.address === undefined };
}

function validate(device: Placed<Vsock>, cx: ValidateContext): void {
  const { cid } = device;
  if (device !== cx.domain.devices.vsock[0])
    cx.report.add(vsockErrors['more-than-one'], undefined, whereIs(device));
  if (cid?.address !== undefined && cid.address < FIRST_GUEST_CID)
    cx.report.add(vsockErrors['reserved-cid'], { cid: cid.address }, whereIs(cid, '@address'));
}

/** The guest's CID: an automatic one is free on the host when the machine starts. */
function guestCid({ cid }: Vsock, { env }: EmitContext): number | undefined {
  return cid?.auto === true ? env.facts.vsockAutoCid : cid?.address;
}

/** libvirt prints a transitional model although no QEMU has one, so that only what really runs is checked. */
function emit(device: Placed<Vsock>, cx: EmitContext): Emission {
  const { id, model, driver } = device;
  const cid = guestCid(device, cx);
  const driverName = virtioDriver('vhost-vsock', model);
  if (cx.env.profile.kind === 'qdom') requireType(driverName, whereIs(device, '@model'), cx);
  if (cid === undefined) cx.report.add(vsockErrors['no-cid'], undefined, whereIs(device, 'cid'));
  const fd = `${id}-vhost`;
  const option = jsonOption('-device', {
    driver: driverName,
    ...virtioProps(driver),
    id,
    'guest-cid': cid,
    vhostfd: { fd },
    ...addressProps(device, cx.domain),
  });
  return { options: [option], host: [{ type: 'device-fd', fd, path: '/dev/vhost-vsock' }] };
}
