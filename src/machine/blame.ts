import { constants } from 'node:os';
import { type Diagnostic, diagnose, QdomError } from '../errors/index.ts';
import type { Plan, QemuOption } from '../plan/index.ts';
import { type FdPrinter, printArgv } from '../plan/index.ts';
import { machineErrors } from './errors.ts';
import { lockedImage } from './image-lock.ts';

/** Lines that QEMU writes and that do not say why it ended. */
const NOISE = /^(?:.*: )?(?:warning|info): |^char device redirected to /;

interface BlameContext {
  /** QEMU's exit status, if it is known. */
  readonly status: number | undefined;
  readonly printFd: FdPrinter;
  /** Who has an image open, in words. */
  readonly userOf: (image: string) => string;
}

/**
 * QEMU's own complaint as an error that points to the XML: QEMU repeats the failing option word for word
 * (`qemu-system-x86_64: -device virtio-blk-pci,…: message`, all versions).
 */
export function blame(plan: Plan, log: string, { status, printFd, userOf }: BlameContext): QdomError {
  const lines = endsOf(log)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const complaints = distinct(lines.filter((line) => !NOISE.test(line)));
  // Who is ended by a signal has not been stopped by what it has warned of.
  const warning = isSignal(status) ? undefined : lines.at(-1);
  const message = complaints[0] ?? warning ?? silence(status);
  const culprit =
    findOption(plan.options, complaints.join('\n'), printFd) ?? ofSubsystem(plan.options, message);
  const image = lockedImage(complaints.join('\n'));
  if (image !== undefined)
    return new QdomError([
      { ...diagnose(machineErrors['image-locked'], { path: image, who: userOf(image) }), ...culprit?.from },
    ]);
  const first: Diagnostic = {
    ...diagnose(machineErrors['qemu-refused'], { message: stripProgram(message) }),
    ...culprit?.from,
  };
  const more = complaints
    .slice(1)
    .map((line) => diagnose(machineErrors['qemu-refused'], { message: stripProgram(line) }));
  return new QdomError([first, ...more]);
}

const LOG_END_CHARS = 32_768;
const MAX_COMPLAINTS = 10;

/** QEMU, or a library of its, may write without end: what stopped it is among the first or the last. */
function endsOf(log: string): string {
  if (log.length <= 2 * LOG_END_CHARS) return log;
  const [start, end] = [log.slice(0, LOG_END_CHARS), log.slice(-LOG_END_CHARS)];
  return `${start.slice(0, start.lastIndexOf('\n') + 1)}${end.slice(end.indexOf('\n') + 1)}`;
}

/** The first few that differ in more than their time, and the last. */
function distinct(complaints: readonly string[]): readonly string[] {
  const words = complaints.map(stripProgram);
  const all = complaints.filter((_, i) => words.indexOf(words[i] ?? '') === i);
  return all.length <= MAX_COMPLAINTS ? all : [...all.slice(0, MAX_COMPLAINTS - 1), ...all.slice(-1)];
}

function silence(status: number | undefined): string {
  if (status === undefined) return 'QEMU ended without a word';
  if (isSignal(status)) return `QEMU was ended by ${signalName(status - SIGNAL_STATUS)} without a word`;
  return `QEMU ended with status ${status} without a word`;
}

/** A shell's status of a process that a signal has ended is above this by the signal's number. */
const SIGNAL_STATUS = 128;

function isSignal(status: number | undefined): status is number {
  return status !== undefined && status > SIGNAL_STATUS;
}

function signalName(signal: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  if (name === 'SIGKILL')
    return "SIGKILL (somebody's kill -9, or the kernel's, if its memory ran out: dmesg)";
  return name ?? `signal ${signal}`;
}

/** Without the time that `-msg timestamp=on` adds and the program's name. */
export function stripProgram(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '').replace(/^\S*qemu\S*: /, '');
}

/** Of the options that the text repeats the longest: a short one may be part of another. */
function findOption(
  options: readonly QemuOption[],
  text: string,
  printFd: FdPrinter,
): QemuOption | undefined {
  const repeated = options
    .map((option, i) => ({ option, words: printArgv(withValue(option, options[i + 1]), printFd).join(' ') }))
    .filter(({ words }) => words.startsWith('-') && words.includes(' ') && text.includes(`${words}:`));
  return repeated.sort((a, b) => b.words.length - a.words.length)[0]?.option;
}

/** Parts of QEMU that say who they are and not which option they come from. */
const SUBSYSTEMS = [['tpm-emulator:', '-tpmdev']] as const;

function ofSubsystem(options: readonly QemuOption[], message: string): QemuOption | undefined {
  const known = SUBSYSTEMS.find(([prefix]) => stripProgram(message).startsWith(prefix));
  return known && options.find(({ option }) => option === known[1]);
}

/** The words of `<qemu:arg>` are options of their own, also where one is the value of another. */
function withValue(option: QemuOption, next: QemuOption | undefined): QemuOption[] {
  const isBare = option.value === undefined && next?.value === undefined;
  return isBare && next !== undefined && !next.option.startsWith('-') ? [option, next] : [option];
}
