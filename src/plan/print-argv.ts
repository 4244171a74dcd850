import type { FdRef, KeyValue, Props, PropValue, QemuOption } from './option.ts';
import { isFdList, isFdRef } from './option.ts';

/** What an inherited descriptor prints as: its number when QEMU is started, a placeholder when it is shown. */
export type FdPrinter = (fd: FdRef) => string;

/** `@net0-tap0@`: how a descriptor shows in what is printed for people. */
const fdPlaceholder: FdPrinter = ({ fd }) => `@${fd}@`;

/**
 * The argument vector of `options`, without the binary. This is the only place that escapes for QEMU:
 * a comma inside a `key=value` list is doubled (QemuOpts, all versions), JSON is JSON.
 * @throws RangeError for a NUL, which no argument vector can hold, and for a positional value that QEMU would take for a key
 */
export function printArgv(options: readonly QemuOption[], printFd: FdPrinter = fdPlaceholder): string[] {
  const argv: string[] = [];
  for (const option of options) {
    const value = printValue(option, printFd);
    if (option.option.includes('\0') || value?.includes('\0'))
      throw new RangeError(`NUL in the value of ${option.option}`);
    argv.push(option.option);
    if (value !== undefined) argv.push(value);
  }
  return argv;
}

function printValue({ value }: QemuOption, printFd: FdPrinter): string | undefined {
  switch (value?.form) {
    case undefined:
      return undefined;
    case 'plain':
      return value.text;
    case 'json':
      return printJson(value.props, printFd);
    case 'keys':
      return value.keys.map((entry) => printKey(entry, printFd)).join(',');
  }
}

function printKey([key, value]: KeyValue, printFd: FdPrinter): string {
  if (value === null) return key ?? '';
  const text = escapeCommas(scalar(value, printFd));
  if (key === null && /^[^,]*=/.test(text)) throw new RangeError(`'${text}' has no key and would be one`);
  return key === null ? text : `${key}=${text}`;
}

function scalar(value: NonNullable<KeyValue[1]>, printFd: FdPrinter): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return isFdRef(value) ? printFd(value) : String(value);
}

function escapeCommas(text: string): string {
  return text.replaceAll(',', ',,');
}

function printJson(value: PropValue, printFd: FdPrinter): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((v: PropValue) => printJson(v, printFd)).join(',')}]`;
  if (isFdRef(value)) return JSON.stringify(printFd(value));
  if (isFdList(value)) return JSON.stringify(value.fds.map((fd) => printFd({ fd })).join(':'));
  const props = value as Props;
  let members = '';
  for (const key in props) {
    const member = props[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${quoted(key)}:${printJson(member, printFd)}`;
  }
  return `{${members}}`;
}

/** What JSON escapes (RFC 8259, section 7), and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** Most strings have nothing to escape, which is told faster than `JSON.stringify` copies them. */
function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}
