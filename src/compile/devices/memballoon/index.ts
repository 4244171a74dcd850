import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  childAttribute,
  element,
  integer,
  oneOf,
  onOff,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import {
  type Emission,
  type EmitContext,
  emits,
  type ResolveContext,
  type ValidateContext,
} from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { virtioConnection } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { requireProperty } from '../../shared/qemu-type.ts';
import { virtioDriver, virtioOptions, virtioProps } from '../../shared/virtio-options.ts';
import { memballoonErrors } from './errors.ts';

/** Format: "Memory balloon device". */
const schema = element(() => ({
  model: required(
    attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional', 'xen', 'none')),
  ),
  autodeflate: attribute(onOff),
  freePageReporting: attribute(onOff),
  stats: childAttribute('period', integer({ min: -(2 ** 31), max: 2 ** 31 - 1, samples: [10] })),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
  driver: child(element(() => virtioOptions)),
}));

type Memballoon = Read<typeof schema>;

export const memballoon: DeviceModule<Memballoon> = {
  kind: 'memballoon',
  schema,
  resolve,
  connect: ({ model }) => (model === 'none' || model === 'xen' ? undefined : virtioConnection(model)),
  validate,
  emit,
};

/** A balloon that is none sits nowhere; without a positive period there are no statistics. */
function resolve({ alias, acpi, address, stats, ...xml }: Memballoon, cx: ResolveContext): Memballoon {
  const own = { ...xml, ...(stats !== undefined && stats > 0 && { stats }) };
  if (xml.model !== 'none')
    return {
      ...own,
      ...(alias !== undefined && { alias }),
      ...(acpi && { acpi }),
      ...(address && { address }),
    };
  if (address !== undefined)
    cx.report.add(memballoonErrors['ignored-address'], { model: xml.model }, whereIs(xml, 'address'));
  return own;
}

function validate(balloon: Placed<Memballoon>, cx: ValidateContext): void {
  const [first] = cx.domain.devices.memballoon;
  if (balloon !== first) cx.report.add(memballoonErrors['more-than-one'], undefined, whereIs(balloon));
  if (balloon.freePageReporting !== undefined)
    requireProperty('virtio-balloon-pci', 'free-page-reporting', whereIs(balloon, '@freePageReporting'), cx);
  if (balloon.model === 'xen')
    cx.report.add(
      memballoonErrors['unsupported-model'],
      { model: balloon.model },
      whereIs(balloon, '@model'),
    );
}

/** How much memory the guest has now, and the period of `<stats>`, are set over QMP and are no options. */
function emit(balloon: Placed<Memballoon>, cx: EmitContext): Emission {
  const { id, model, driver, autodeflate, freePageReporting } = balloon;
  if (model === 'none') return emits();
  const device = jsonOption('-device', {
    driver: virtioDriver('virtio-balloon', model),
    ...virtioProps(driver),
    id,
    'deflate-on-oom': autodeflate,
    'free-page-reporting': freePageReporting,
    ...addressProps(balloon, cx.domain),
  });
  return { options: [device], afterStart: [...inflate(cx), ...statsPeriod(balloon)] };
}

const BYTES_PER_KIB = 1024;

type Calls = NonNullable<Emission['afterStart']>;

/** What is more than `<currentMemory>` is asked back from the guest as soon as it has the balloon's driver. */
function inflate({ domain }: EmitContext): Calls {
  const { sizeKiB } = domain.currentMemory;
  if (sizeKiB >= domain.memory.sizeKiB) return [];
  return [{ execute: 'balloon', arguments: { value: sizeKiB * BYTES_PER_KIB } }];
}

/** QEMU asks the guest's driver in this interval, in seconds. */
function statsPeriod({ id, stats }: Placed<Memballoon>): Calls {
  if (stats === undefined) return [];
  const value = { path: `/machine/peripheral/${id}`, property: 'guest-stats-polling-interval', value: stats };
  return [{ execute: 'qom-set', arguments: value }];
}
