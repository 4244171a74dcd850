import { join } from 'node:path';
import { FILE_OWNERS, FLIGHT_RECORDER, QEMU_HOME, TEMPORARY_FILES } from '../plan/index.ts';
import type { Directories } from './directories.ts';

/** Every file name of the program; docs/state-directory.md says who writes what and when. */

const DOMAINS = 'domains';
const MACHINES = 'machines';
const LOCKS = 'locks';
const OWNERS = 'owners';
const DETACHED = 'detached';
const MDEVS = 'mdevs';
const SECRETS = 'secrets';
const DEFINITION_SUFFIX = '.xml';
const SECRET_SUFFIX = '.json';

/** The files of one running machine. */
export interface MachineFiles {
  readonly directory: string;
  /** The normalized domain XML that runs. */
  readonly liveXml: string;
  readonly plan: string;
  readonly argv: string;
  readonly state: string;
  readonly journal: string;
  readonly qmpSocket: string;
  readonly eventsIn: string;
  readonly eventsOut: string;
  readonly qemuLog: string;
  /** `/proc/PID/stat` of QEMU and of the waiting shell, written by themselves before anything else. */
  readonly qemuStat: string;
  readonly supervisorStat: string;
  readonly exit: string;
  /** QEMU's own directory, its home: the only one of the machine's in which it can make files. */
  readonly home: string;
}

export const RUN_FILES = {
  liveXml: 'live.xml',
  plan: 'plan.json',
  argv: 'argv',
  state: 'state.json',
  journal: 'journal.jsonl',
  qmpSocket: 'qmp.sock',
  eventsIn: `${FLIGHT_RECORDER}.in`,
  eventsOut: `${FLIGHT_RECORDER}.out`,
  qemuLog: 'qemu.log',
  qemuStat: 'qemu.stat',
  supervisorStat: 'supervisor.stat',
  exit: 'exit.json',
  home: QEMU_HOME,
} as const;

/** What an ended machine leaves in the log directory. */
export interface EndedFiles {
  readonly directory: string;
  readonly events: string;
  readonly qemuLog: string;
  readonly helpersLog: string;
  readonly argv: string;
  readonly end: string;
}

export function machineFiles(directories: Directories, name: string): MachineFiles {
  const directory = runDirectory(directories, name);
  const paths = Object.entries(RUN_FILES).map(([key, file]) => [key, join(directory, file)]);
  return { directory, ...(Object.fromEntries(paths) as Record<keyof typeof RUN_FILES, string>) };
}

/** Taken (flock) by whoever is attached to a console of the machine. */
export function consoleLock({ directory }: MachineFiles, alias: string): string {
  return join(directory, `console-${alias}.lock`);
}

/** The directory that `compile` puts into argv for the machine of this name. */
export function runDirectory(directories: Directories, name: string): string {
  return join(directories.run, MACHINES, name);
}

export function machinesDirectory(directories: Directories): string {
  return join(directories.run, MACHINES);
}

export function endedFiles(directories: Directories, name: string): EndedFiles {
  const directory = join(directories.log, MACHINES, name);
  return {
    directory,
    events: join(directory, 'events.jsonl'),
    qemuLog: join(directory, 'qemu.log'),
    helpersLog: join(directory, 'helpers.log'),
    argv: join(directory, 'argv'),
    end: join(directory, 'end.json'),
  };
}

export function lockFile(directories: Directories, name: string): string {
  return join(directories.run, LOCKS, `${name}.lock`);
}

export function ownersDirectory(directories: Directories): string {
  return join(directories.run, OWNERS);
}

/** Where secrets are: those that are kept, and those that are in memory only. */
export function secretsDirectory(
  { config, run }: Directories,
  { ephemeral }: { ephemeral: boolean },
): string {
  return join(ephemeral ? run : config, SECRETS);
}

/** The files of one secret: what is known of it, and its value. */
export function secretFiles(directory: string, uuid: string) {
  return { definition: join(directory, uuid + SECRET_SUFFIX), value: join(directory, `${uuid}.base64`) };
}

/** The UUID of the secret that a file of a secrets' directory defines. */
export function definedSecret(file: string): string | undefined {
  return file.endsWith(SECRET_SUFFIX) ? file.slice(0, -SECRET_SUFFIX.length) : undefined;
}

/** Beside the machines' own, which all end in `.lock`. */
export function uuidsLock(directories: Directories): string {
  return join(directories.run, LOCKS, 'uuids');
}

export function secretsLock(directories: Directories): string {
  return join(directories.run, `${SECRETS}.lock`);
}

/** Whose the files were that machines use; kept over a reboot. */
export function fileOwnersDirectory(directories: Directories): string {
  return join(directories.state, FILE_OWNERS);
}

/** The files that go with machines; kept over a reboot. */
export function temporaryFilesDirectory(directories: Directories): string {
  return join(directories.state, TEMPORARY_FILES);
}

/** What operators have taken from its driver by hand. */
export function detachedDirectory(directories: Directories): string {
  return join(directories.run, DETACHED);
}

/** The journal of one such act; `name` is `pci_0000_01_00_0`. */
export function detachmentJournal(directories: Directories, name: string): string {
  return join(detachedDirectory(directories), `${name}.jsonl`);
}

/** Where mediated devices are defined. */
export function mdevDefinitionsDirectory(directories: Directories): string {
  return join(directories.config, MDEVS);
}

export function mdevDefinition(directories: Directories, uuid: string): string {
  return join(mdevDefinitionsDirectory(directories), `${uuid}.json`);
}

/** What is known of those that operators have made. */
export function madeMdevsDirectory(directories: Directories): string {
  return join(directories.run, MDEVS);
}

/** One of them: what it was made as, once it is there; the journal of the act, until it is. */
export function madeMdev(directories: Directories, uuid: string) {
  const stem = join(madeMdevsDirectory(directories), uuid);
  return { made: `${stem}.json`, journal: `${stem}.jsonl` };
}

export function definitionsDirectory(directories: Directories): string {
  return join(directories.config, DOMAINS);
}

export function definitionFile(directories: Directories, name: string): string {
  return join(definitionsDirectory(directories), name + DEFINITION_SUFFIX);
}

/** The machine that a file of the definitions directory defines. */
export function definedName(file: string): string | undefined {
  return file.endsWith(DEFINITION_SUFFIX) ? file.slice(0, -DEFINITION_SUFFIX.length) : undefined;
}
