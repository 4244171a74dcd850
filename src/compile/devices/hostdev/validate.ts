import { SOURCE, type Sourced, whereIs, xmlErrors } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { findController } from '../../shared/controllers.ts';
import { numbersBeyond } from '../../shared/drive-address.ts';
import { storageErrors } from '../../shared/storage/errors.ts';
import { validateAuth } from '../../shared/storage/validate.ts';
import { isIscsiName } from '../../shared/storage/validate-network.ts';
import { hostdevErrors } from './errors.ts';
import { type Hostdev, isIscsi } from './model.ts';
import type { HostdevOf } from './schema.ts';

/** The rules of one host device; what two of them share is in `phases/4-validate`. */
export function validateHostdev(dev: Hostdev, cx: ValidateContext): void {
  if (dev.type === 'storage' || dev.type === 'misc' || dev.type === 'net' || dev.mode === 'capabilities') {
    cx.report.add(
      hostdevErrors['capabilities-mode'],
      { type: dev.type, mode: dev.mode ?? 'subsystem' },
      whereIs(dev, '@type'),
    );
    return;
  }
  if (dev[SOURCE]?.child('source') === undefined) {
    missingElement('source', 'hostdev', dev, cx);
    return;
  }
  validateScsiOnly(dev, cx);
  validatePciOnly(dev, cx);
  validateGuestAddress(dev, cx);
  switch (dev.type) {
    case 'pci':
      validatePci(dev, cx);
      validateDisplay(dev, cx);
      break;
    case 'usb':
      validateUsb(dev, cx);
      break;
    case 'scsi':
      validateScsi(dev, cx);
      break;
    case 'scsi_host':
      validateVhostScsi(dev, cx);
      break;
    case 'mdev':
      validateMdev(dev, cx);
      validateDisplay(dev, cx);
      break;
  }
}

type Of<T extends Hostdev['type']> = HostdevOf<T> & Hostdev;

function missingElement(name: string, parent: string, at: Sourced, cx: ValidateContext): void {
  cx.report.add(xmlErrors['missing-element'], { name, parent }, whereIs(at));
}

function missingAttribute(name: string, element: string, at: Sourced | undefined, cx: ValidateContext): void {
  cx.report.add(xmlErrors['missing-attribute'], { name, element }, whereIs(at));
}

function validateScsiOnly(
  dev: Exclude<Hostdev, { type: 'storage' | 'misc' | 'net' }>,
  cx: ValidateContext,
): void {
  const { sgio, rawio } = dev;
  if (sgio === 'unfiltered') cx.report.add(hostdevErrors['unfiltered-sgio'], { sgio }, whereIs(dev, '@sgio'));
  if (dev.type === 'scsi') return;
  if (sgio !== undefined)
    cx.report.add(hostdevErrors['scsi-only'], { name: 'sgio', type: dev.type }, whereIs(dev, '@sgio'));
  if (rawio !== undefined)
    cx.report.add(hostdevErrors['scsi-only'], { name: 'rawio', type: dev.type }, whereIs(dev, '@rawio'));
}

function validatePciOnly(
  dev: Exclude<Hostdev, { type: 'storage' | 'misc' | 'net' }>,
  cx: ValidateContext,
): void {
  const { type, model, rom } = dev;
  if (model !== undefined && type !== 'mdev' && type !== 'scsi_host')
    cx.report.add(hostdevErrors['model-of-type'], { model, type }, whereIs(dev, '@model'));
  const isTuned = (rom?.enabled ?? rom?.bar ?? rom?.file) !== undefined;
  if (isTuned && type !== 'pci' && type !== 'mdev')
    cx.report.add(hostdevErrors['rom-not-pci'], { type }, whereIs(dev, 'rom'));
  const policy =
    dev.source !== undefined && 'startupPolicy' in dev.source ? dev.source.startupPolicy : undefined;
  if (policy !== undefined && type !== 'usb')
    cx.report.add(
      hostdevErrors['policy-of-type'],
      { policy, type },
      whereIs(dev, 'source', '@startupPolicy'),
    );
  validateTeaming(dev, cx);
  if (dev.boot !== undefined && type === 'mdev')
    cx.report.add(hostdevErrors['mdev-boot'], { type }, whereIs(dev, 'boot'));
}

/** The half of a pair that goes away when the machine migrates is a PCI function. */
function validateTeaming(
  { type, teaming }: Exclude<Hostdev, { type: 'storage' | 'misc' | 'net' }>,
  cx: ValidateContext,
): void {
  if (teaming === undefined || (teaming.type ?? teaming.persistent) === undefined) return;
  if (teaming.type === undefined) missingAttribute('type', 'teaming', teaming, cx);
  else if (teaming.type !== 'transient')
    cx.report.add(hostdevErrors['teaming-type'], { type: teaming.type }, whereIs(teaming));
  else if (type !== 'pci') cx.report.add(hostdevErrors['teaming-not-pci'], { type }, whereIs(teaming));
  else if (teaming.persistent === undefined) missingAttribute('persistent', 'teaming', teaming, cx);
}

/** What kind of address a device has in the guest. */
const GUEST_ADDRESS = {
  pci: ['pci', 'unassigned'],
  mdev: ['pci'],
  scsi_host: ['pci'],
  usb: ['usb'],
  scsi: ['drive'],
} as const;

function validateGuestAddress(dev: Hostdev, cx: ValidateContext): void {
  if (!(dev.type in GUEST_ADDRESS)) return;
  const possible: readonly string[] = GUEST_ADDRESS[dev.type as keyof typeof GUEST_ADDRESS];
  const address = dev.address?.type;
  if (address === undefined || possible.includes(address)) return;
  const model = dev.type === 'mdev' ? dev.model : undefined;
  cx.report.add(
    hostdevErrors['address-type'],
    {
      address,
      wanted: GUEST_ADDRESS[dev.type as keyof typeof GUEST_ADDRESS][0],
      what: model === undefined ? `type '${dev.type}'` : `model '${model}'`,
    },
    whereIs(dev, 'address', '@type'),
  );
}

function validatePci(dev: Of<'pci'>, cx: ValidateContext): void {
  const { source, driver } = dev;
  if (source?.address === undefined) missingElement('address', 'source', source ?? dev, cx);
  if (source?.writeFiltering !== undefined)
    cx.report.add(hostdevErrors['write-filtering'], undefined, whereIs(source, '@writeFiltering'));
  if (driver?.name === 'xen' || driver?.name === 'kvm')
    cx.report.add(hostdevErrors['pci-driver'], { name: driver.name }, whereIs(driver, '@name'));
}

const DISPLAYS: ReadonlySet<string> = new Set(['vnc', 'spice', 'egl-headless', 'dbus']);

/** A device's own picture goes to a display that can take one. */
function validateDisplay(dev: Of<'pci'> | Of<'mdev'>, cx: ValidateContext): void {
  if (dev.ramfb === true && dev.display !== true)
    cx.report.add(hostdevErrors['ramfb-without-display'], undefined, whereIs(dev, '@ramfb'));
  if (dev.display !== true) return;
  const { graphics } = cx.domain.devices;
  if (!graphics.some((g) => 'type' in g && DISPLAYS.has(String(g.type))))
    cx.report.add(hostdevErrors['display-without-graphics'], undefined, whereIs(dev, '@display'));
}

function validateUsb({ source }: Of<'usb'>, cx: ValidateContext): void {
  const { vendor, product, address } = source ?? {};
  if (vendor === undefined && product === undefined && address === undefined) {
    cx.report.add(hostdevErrors['usb-source'], undefined, whereIs(source));
    return;
  }
  if (vendor !== undefined && product === undefined) missingElement('product', 'source', source ?? {}, cx);
  if (product !== undefined && vendor === undefined) missingElement('vendor', 'source', source ?? {}, cx);
  if (vendor === 0)
    cx.report.add(hostdevErrors['usb-id-zero'], { name: 'vendor' }, whereIs(source, 'vendor'));
  if (address === undefined) return;
  if (address.bus === undefined) missingAttribute('bus', 'address', address, cx);
  if (address.device === undefined && address.port === undefined)
    missingAttribute('device', 'address', address, cx);
}

function validateScsi(dev: Of<'scsi'>, cx: ValidateContext): void {
  const { source } = dev;
  if (dev.address?.type === 'drive') {
    const { controller = 0, bus = 0, target = 0, unit = 0 } = dev.address;
    const model = findController(cx.domain, 'scsi', controller)?.model;
    for (const { part, value } of numbersBeyond(
      'scsi',
      { type: 'drive', controller, bus, target, unit },
      model,
    ))
      cx.report.add(
        hostdevErrors['address-part'],
        { part, value, model: model ?? 'lsilogic' },
        whereIs(dev, 'address', `@${part}`),
      );
  }
  if (isIscsi(dev)) {
    if (source?.name === undefined) missingAttribute('name', 'source', source, cx);
    else if (!isIscsiName(source.name))
      cx.report.add(
        storageErrors['bad-name'],
        { protocol: 'iscsi', name: source.name, expected: "'target/lun'" },
        whereIs(source, '@name'),
      );
    if (source?.auth !== undefined) validateAuth(source.auth, 'iscsi', cx);
    if (source?.hosts.length !== 1)
      cx.report.add(hostdevErrors['iscsi-hosts'], { count: source?.hosts.length ?? 0 }, whereIs(source));
    return;
  }
  validateAdapter(dev, cx);
  if (source?.address === undefined) missingElement('address', 'source', source ?? dev, cx);
  else
    for (const name of ['bus', 'target', 'unit'] as const)
      if (source.address[name] === undefined) missingAttribute(name, 'address', source.address, cx);
}

/** A SCSI host by its name; a virtual HBA belongs to a storage pool. */
function validateAdapter({ source }: Of<'scsi'>, cx: ValidateContext): void {
  const { adapter } = source ?? {};
  if (adapter === undefined) {
    missingElement('adapter', 'source', source ?? {}, cx);
    return;
  }
  const { name, [SOURCE]: _place, ...others } = adapter;
  const [other] = Object.keys(others);
  if (other !== undefined)
    cx.report.add(hostdevErrors['adapter-of-pool'], { name: other }, whereIs(adapter, other, `@${other}`));
  else if (name === undefined) missingAttribute('name', 'adapter', adapter, cx);
  else if (!/^scsi_host\d+$/.test(name))
    cx.report.add(hostdevErrors['scsi-adapter'], { adapter: name }, whereIs(adapter, '@name'));
}

const VIRTIO_MODELS: ReadonlySet<string> = new Set([
  'virtio',
  'virtio-transitional',
  'virtio-non-transitional',
]);

function validateVhostScsi(dev: Of<'scsi_host'>, cx: ValidateContext): void {
  const { protocol, wwpn } = dev.source ?? {};
  if (protocol === undefined) missingAttribute('protocol', 'source', dev.source, cx);
  if (wwpn === undefined) missingAttribute('wwpn', 'source', dev.source, cx);
  else if (!/^naa\.[0-9a-fA-F]{16}$/.test(wwpn))
    cx.report.add(hostdevErrors.wwpn, { wwpn }, whereIs(dev.source, '@wwpn'));
  if (dev.model !== undefined && !VIRTIO_MODELS.has(dev.model))
    cx.report.add(hostdevErrors['vhost-scsi-model'], { model: dev.model }, whereIs(dev, '@model'));
  if (dev.boot !== undefined)
    cx.report.add(hostdevErrors['vhost-scsi-boot'], { type: dev.type }, whereIs(dev, 'boot'));
}

function validateMdev(dev: Of<'mdev'>, cx: ValidateContext): void {
  if (dev.model === undefined) missingAttribute('model', 'hostdev', dev, cx);
  else if (dev.model !== 'vfio-pci')
    cx.report.add(hostdevErrors['mdev-model'], { model: dev.model }, whereIs(dev, '@model'));
  const address = dev.source?.address;
  if (address?.uuid === undefined) missingAttribute('uuid', 'address', address ?? dev.source, cx);
}
