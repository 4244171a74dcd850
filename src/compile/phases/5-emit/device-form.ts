import {
  type KeyValue,
  keysOption,
  type PropValue,
  type QemuCaps,
  type QemuOption,
  schemaHas,
} from '../../../plan/index.ts';

/**
 * Devices and network back ends as QEMU takes them, JSON or lists of keys. `-device` reads JSON since 6.2, but a device
 * made so could not be unplugged before QEMU says `json-cli-hotplug`. `-netdev` reads JSON since 7.2, which has the back
 * end `stream` too.
 */
export function deviceForm(options: readonly QemuOption[], caps: QemuCaps): readonly QemuOption[] {
  const first = new Map<string, string>();
  if (!schemaHas(caps, 'device_add', '!json-cli-hotplug')) first.set('-device', 'driver');
  if (!schemaHas(caps, 'netdev_add', 'type', '=stream')) first.set('-netdev', 'type');
  if (first.size === 0) return options;
  return options.map((option) => {
    const key = first.get(option.option);
    return key === undefined ? option : asKeys(option, key);
  });
}

/** `first` is the property whose value stands alone and before the others. */
function asKeys(option: QemuOption, first: string): QemuOption {
  if (option.value?.form !== 'json') return option;
  const { [first]: name, ...rest } = option.value.props;
  const keys = [[null, name], ...Object.entries(rest).flatMap(eachValue)] as readonly KeyValue[];
  return keysOption(option.option, keys, option.from);
}

/** A list is the key again and again; its members are JSON's wrapped strings (`{"str": …}`) or plain ones. */
function eachValue([key, value]: [string, PropValue | undefined]): [string, PropValue | undefined][] {
  if (!isList(value)) return [[key, value]];
  return value.map((member) => [key, isWrapped(member) ? member.str : member]);
}

function isList(value: PropValue | undefined): value is readonly PropValue[] {
  return Array.isArray(value);
}

function isWrapped(value: PropValue): value is { readonly str: string } {
  return typeof value === 'object' && value !== null && 'str' in value;
}
