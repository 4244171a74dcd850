import type { MediatedDevice } from '../../plan/index.ts';
import { parseXml, whereIs, type XmlElement } from '../../xml/index.ts';
import {
  attribute,
  child,
  childAttribute,
  children,
  childText,
  element,
  integer,
  oneOf,
  type Read,
  Reader,
  required,
  string,
  text,
  uuid,
} from '../../xml/schema/index.ts';
import { Report } from '../report.ts';
import { nodeDeviceErrors } from './errors.ts';

const name = string({ nonEmpty: true });

/**
 * A mediated device as it is to be made (format: node device, "mdev"). What only tells of one that is there is read too, so that
 * `nodedev-dumpxml` can be given back.
 */
const schema = element(() => ({
  name: childText(name),
  path: childText(name),
  devnode: children(element(() => ({ type: attribute(oneOf('dev', 'link')), path: text(name) }))),
  parent: childText(name),
  driver: child(element(() => ({ name: childText(name) }))),
  capability: required(
    child(
      element(() => ({
        type: required(attribute(oneOf('mdev'))),
        mdevType: required(
          child(
            element(() => ({ id: required(attribute(name)) })),
            { name: 'type' },
          ),
        ),
        iommuGroup: childAttribute('number', integer()),
        uuid: childText(uuid),
        parent_addr: childText(name),
        attr: children(
          element(() => ({ name: required(attribute(name)), value: required(attribute(string())) })),
        ),
      })),
    ),
  ),
}));
type DeviceXml = Read<typeof schema>;

export interface NodeDeviceOptions {
  /** For a device that has none. */
  readonly newUuid: () => string;
  /** What sysfs calls the device that is named as the parent: `0000:06:00.0` for `pci_0000_06_00_0`. */
  readonly sysfsName: (parent: string) => string;
  readonly file?: string | undefined;
  /** Where warnings are put. */
  readonly report?: Report;
}

/**
 * Reads the `<device>` of a mediated device.
 * @throws QdomError with every error of shape and of single values
 */
export function readMediatedDevice(
  xml: string,
  { newUuid, sysfsName, file, report = new Report() }: NodeDeviceOptions,
): MediatedDevice {
  const root = parseXml(xml, file);
  checkKind(root, report);
  const reader = new Reader();
  const device = schema.read(root, reader);
  report.addAll(reader.diagnostics);
  report.end();
  const parent = parentOf(device, sysfsName, report);
  checkAttributes(device, report);
  report.end();
  const { uuid: given, mdevType, attr } = device.capability;
  return {
    uuid: given ?? newUuid(),
    parent,
    type: mdevType.id,
    attributes: attr.map(({ name: of, value }) => ({ name: of, value })),
  };
}

/** What is no mediated device at all is told so, and not which of its elements is unknown. */
function checkKind(root: XmlElement, report: Report): void {
  if (root.name !== 'device') report.add(nodeDeviceErrors['not-a-device'], { name: root.name }, root.where());
  const capability = root.child('capability');
  const type = capability?.attributes.type;
  if (capability !== undefined && type !== undefined && type !== 'mdev')
    report.add(nodeDeviceErrors['not-mediated'], { type }, capability.where('type'));
  report.end();
}

function parentOf(device: DeviceXml, sysfsName: NodeDeviceOptions['sysfsName'], report: Report): string {
  const { parent, capability } = device;
  const address = capability.parent_addr;
  const named = parent === undefined ? undefined : sysfsName(parent);
  if (named === undefined && address === undefined)
    report.add(nodeDeviceErrors['no-parent'], undefined, whereIs(device));
  else if (parent !== undefined && address !== undefined && sysfsName(address) !== named)
    report.add(nodeDeviceErrors['parent-differs'], { parent, address }, whereIs(capability, 'parent_addr'));
  return named ?? sysfsName(address ?? '');
}

/** The names become paths below the device's directory. One may be given again: some drivers take one value after the other. */
function checkAttributes({ capability: { attr } }: DeviceXml, report: Report): void {
  for (const one of attr) {
    const parts = one.name.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
      report.add(nodeDeviceErrors['bad-attribute-name'], { name: one.name }, whereIs(one, '@name'));
  }
}
