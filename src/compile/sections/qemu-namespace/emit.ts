import { jsonOption, type Props, type PropValue, plainOption, type QemuOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { concatEmissions, type Emission, type EmitContext, emits, located } from '../../context.ts';
import { overrideValue, qemuErrors } from './sections.ts';

/** `-compat`: how QEMU treats what it calls deprecated. */
export function compatOption({ domain }: EmitContext): Emission {
  const behavior = domain['qemu:deprecation'];
  if (behavior === undefined || behavior === 'none') return emits();
  return emits(
    jsonOption('-compat', {
      'deprecated-output': 'hide',
      'deprecated-input': behavior === 'omit' ? undefined : behavior,
    }),
  );
}

/** `<qemu:arg>` and `<qemu:env>`: words of the command line and variables that are passed on as they are. */
export function commandLineArguments({ domain }: EmitContext): Emission {
  const { 'qemu:arg': words = [], 'qemu:env': variables = [] } = domain['qemu:commandline'] ?? {};
  const environment = Object.fromEntries(variables.map(({ name, value }) => [name, value ?? '']));
  return concatEmissions([
    ...words.map((word) => located(emits(plainOption(word.value)), whereIs(word))),
    { options: [], environment },
  ]);
}

/** The devices' options with the properties that `<qemu:override>` sets and removes. */
export function overrideProperties(options: readonly QemuOption[], cx: EmitContext): readonly QemuOption[] {
  const devices = cx.domain['qemu:override']?.['qemu:device'] ?? [];
  if (devices.length === 0) return options;
  const known = new Set<string>();
  const changed = options.map((option) => {
    const { value } = option;
    if (option.option !== '-device' || value?.form !== 'json') return option;
    const overrides = devices.filter((device) => device.alias === value.props.id);
    if (overrides.length === 0) return option;
    known.add(String(value.props.id));
    const changes = overrides.flatMap((override) => override['qemu:frontend']?.['qemu:property'] ?? []);
    return { ...option, value: { form: 'json' as const, props: changes.reduce(applyOverride, value.props) } };
  });
  for (const { alias, ...device } of devices)
    if (!known.has(alias)) cx.report.add(qemuErrors['unknown-device'], { alias }, whereIs(device, '@alias'));
  return changed;
}

function applyOverride(device: Props, property: Parameters<typeof overrideValue>[0]): Props {
  const { [property.name]: before, ...others } = device;
  const value: PropValue | undefined = overrideValue(property);
  // What is new comes last, what is there keeps its place.
  return { ...(before === undefined ? others : device), [property.name]: value };
}
