import type { FdRef, FdSetPath, KeyValue, Origin, PropValue, QemuOption } from './option.ts';
import { isFdSetPath, keysOption } from './option.ts';

/**
 * `-add-fd`: a descriptor that QEMU opens by path. The option that uses it holds `fdSetPath(name)` where it
 * would hold the path. `name` is the descriptor's (see FdRef) and, for people, QEMU's `opaque`. A set can have several, of
 * which QEMU takes the one that was opened as it needs it.
 */
export function addFdOption(name: string, from?: Origin, set = name): QemuOption {
  const fd: FdRef = { fd: name };
  return keysOption(
    '-add-fd',
    [
      ['set', { fdSet: set }],
      ['fd', fd],
      ['opaque', name],
    ],
    from,
  );
}

/** `/dev/fdset/N` of the set that `addFdOption(name)` makes. */
export function fdSetPath(name: string): FdSetPath {
  return { fdSetPath: name };
}

/** Numbers the sets in the order of their `-add-fd` options, which is how libvirt numbers them. */
export function numberFdSets(options: readonly QemuOption[]): QemuOption[] {
  const numbers = new Map<string, number>();
  for (const { option, value } of options) {
    const set = option === '-add-fd' && value?.form === 'keys' ? value.keys[0]?.[1] : undefined;
    if (isFdSet(set) && !numbers.has(set.fdSet)) numbers.set(set.fdSet, numbers.size);
  }
  return numbers.size === 0 ? [...options] : options.map((option) => numbered(option, numbers));
}

type Numbers = ReadonlyMap<string, number>;

function numbered(option: QemuOption, numbers: Numbers): QemuOption {
  const { value } = option;
  if (value?.form === 'json')
    return { ...option, value: { form: 'json', props: inProps(value.props, numbers) as typeof value.props } };
  if (value?.form === 'keys')
    return {
      ...option,
      value: {
        form: 'keys',
        keys: value.keys.map(
          ([key, v]): KeyValue => [key, isFdSet(v) ? (numbers.get(v.fdSet) ?? 0) : path(v, numbers)],
        ),
      },
    };
  return option;
}

function inProps(value: PropValue, numbers: Numbers): PropValue {
  if (isFdSetPath(value)) return path(value, numbers);
  if (Array.isArray(value)) return value.map((v: PropValue) => inProps(v, numbers));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, inProps(v as PropValue, numbers)]));
}

function path<T>(value: T | FdSetPath, numbers: Numbers): T | string {
  return isFdSetPath(value) ? `/dev/fdset/${numbers.get(value.fdSetPath) ?? 0}` : (value as T);
}

function isFdSet(value: unknown): value is { readonly fdSet: string } {
  return typeof value === 'object' && value !== null && 'fdSet' in value;
}
