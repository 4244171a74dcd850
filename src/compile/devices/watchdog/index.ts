import { jsonOption, keysOption, plainOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { attribute, element, oneOf, type Read, required } from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits, type ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { PCI_CONVENTIONAL } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { familyOf, type MachineFamily } from '../../shared/machine.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { watchdogErrors } from './errors.ts';

/** Format: "Watchdog devices". */
const schema = element(() => ({
  model: required(attribute(oneOf('i6300esb', 'ib700', 'diag288', 'itco'))),
  action: attribute(oneOf('reset', 'shutdown', 'poweroff', 'pause', 'none', 'dump', 'inject-nmi')),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type WatchdogXml = Read<typeof schema>;
type Action = NonNullable<WatchdogXml['action']>;
export interface Watchdog extends WatchdogXml {
  readonly action: Action;
}

export const watchdog: DeviceModule<WatchdogXml, Watchdog> = {
  kind: 'watchdog',
  schema,
  resolve: (xml) => ({ ...xml, action: xml.action ?? 'reset' }),
  connect: ({ model }) => (model === 'i6300esb' ? PCI_CONVENTIONAL : undefined),
  validate,
  emit,
};

/** The machines that have a model, where not every one with PCI has it. */
const FAMILY: Readonly<Partial<Record<Watchdog['model'], MachineFamily>>> = { itco: 'q35', ib700: 'i440fx' };

/** Models of which a machine has one at most. */
const SINGLE: ReadonlySet<Watchdog['model']> = new Set(['ib700', 'itco']);

function validate(dog: Placed<Watchdog>, cx: ValidateContext): void {
  const { model, action, address } = dog;
  const all = cx.domain.devices.watchdog;
  const family = familyOf(cx.domain);
  if (model === 'diag288' || (FAMILY[model] ?? family) !== family)
    cx.report.add(watchdogErrors['not-on-machine'], { model }, whereIs(dog, '@model'));
  else if (model !== 'itco') requireType(model, whereIs(dog, '@model'), cx);
  if (SINGLE.has(model) && all.find((other) => other.model === model) !== dog)
    cx.report.add(watchdogErrors['more-than-one'], { model }, whereIs(dog, '@model'));
  const [first] = all;
  if (first !== undefined && first.action !== action)
    cx.report.add(
      watchdogErrors['different-actions'],
      { one: first.action, other: action },
      whereIs(dog, '@action'),
    );
  if (action === 'dump' && dog === first)
    cx.report.add(watchdogErrors['dump-by-hand'], { action }, whereIs(dog, '@action'));
  if (address !== undefined && model !== 'i6300esb')
    cx.report.add(watchdogErrors['no-address'], { model }, whereIs(dog, 'address'));
}

function emit(dog: Placed<Watchdog>, cx: EmitContext): Emission {
  const { id, model } = dog;
  if (model === 'itco') return emits();
  return emits(jsonOption('-device', { driver: model, id, ...addressProps(dog, cx.domain) }));
}

/** What holds for all watchdogs: the chipset's own is let off its leash, and the action is one for all. */
export function watchdogOptions({ domain }: EmitContext): Emission {
  const all = domain.devices.watchdog;
  const [first] = all;
  const hasItco = all.some(({ model }) => model === 'itco');
  return emits(
    hasItco ? keysOption('-global', [['ICH9-LPC.noreboot', 'off']]) : undefined,
    first && plainOption('-watchdog-action', qemuAction(first.action)),
  );
}

/** QEMU pauses, and who watches the machine dumps its memory. */
function qemuAction(action: Action): Exclude<Action, 'dump'> {
  return action === 'dump' ? 'pause' : action;
}
