import type { SourceLocation } from '../errors/index.ts';

/** Where in the domain XML an option came from: the way back from QEMU's complaint to the user's line. */
export interface Origin {
  readonly path: string;
  readonly at?: SourceLocation;
}

/** A descriptor that QEMU inherits, by the name under which the host side opens it (`net0-tap0`). */
export interface FdRef {
  readonly fd: string;
}

/** Several of them in one value, which prints as `3:4:5` (a tap's `fds` and `vhostfds`). */
export interface FdList {
  readonly fds: readonly string[];
}

/** The path of the descriptor set that has this name; see `fd-sets.ts`. */
export interface FdSetPath {
  readonly fdSetPath: string;
}

export type PropValue =
  | null
  | string
  | number
  | bigint
  | boolean
  | FdRef
  | FdList
  | FdSetPath
  | readonly PropValue[]
  | Props;

/** The properties of one QEMU object in QEMU's words, in the order in which they print; what is undefined is not there. */
export interface Props {
  readonly [key: string]: PropValue | undefined;
}

export type KeyValue = readonly [
  key: string | null,
  value: string | number | bigint | boolean | FdRef | FdSetPath | { readonly fdSet: string } | null,
];

/**
 * The value of an option. `json` prints as JSON, `keys` as `a,b=c` with commas doubled (a null key is a
 * positional value, a null value a bare key), `plain` as it is.
 */
export type OptionValue =
  | { readonly form: 'json'; readonly props: Props }
  | { readonly form: 'keys'; readonly keys: readonly KeyValue[] }
  | { readonly form: 'plain'; readonly text: string };

/** One option of QEMU's command line, as data until the last step. */
export interface QemuOption {
  /** With its dash: `-device`. */
  readonly option: string;
  readonly value?: OptionValue;
  readonly from?: Origin;
}

export function isFdRef(value: unknown): value is FdRef {
  return typeof value === 'object' && value !== null && 'fd' in value && Object.keys(value).length === 1;
}

export function isFdSetPath(value: unknown): value is FdSetPath {
  return typeof value === 'object' && value !== null && 'fdSetPath' in value;
}

export function isFdList(value: unknown): value is FdList {
  return (
    typeof value === 'object' &&
    value !== null &&
    'fds' in value &&
    Array.isArray(value.fds) &&
    Object.keys(value).length === 1
  );
}

/** `-option {"json":…}`. */
export function jsonOption(option: string, props: Props, from?: Origin): QemuOption {
  return { option, value: { form: 'json', props }, ...(from && { from }) };
}

/** `-option positional,key=value`. Entries whose value is undefined are left out. */
export function keysOption(
  option: string,
  keys: readonly (readonly [string | null, KeyValue[1] | undefined])[],
  from?: Origin,
): QemuOption {
  const present = keys.filter((entry): entry is KeyValue => entry[1] !== undefined);
  return { option, value: { form: 'keys', keys: present }, ...(from && { from }) };
}

/** `-option text`, or a bare `-option`. */
export function plainOption(option: string, text?: string, from?: Origin): QemuOption {
  return { option, ...(text !== undefined && { value: { form: 'plain', text } }), ...(from && { from }) };
}
