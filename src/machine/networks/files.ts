import { join } from 'node:path';
import type { Directories } from '../directories.ts';

const SUFFIX = '.xml';

/** Where the definitions of virtual networks are. */
export function networksDirectory({ config }: Directories): string {
  return join(config, 'networks');
}

export function networkFile(directories: Directories, name: string): string {
  return join(networksDirectory(directories), name + SUFFIX);
}

/** The network that a file of that directory defines. */
export function networkOfFile(file: string): string | undefined {
  return file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : undefined;
}

export interface NetworkFiles {
  readonly directory: string;
  readonly journal: string;
  /** The definition that runs; written when all else is there. */
  readonly live: string;
}

/** What there is of networks that were started: they have no machines' names. */
export function runningNetworksDirectory({ run }: Directories): string {
  return join(run, 'networks');
}

export function networkFiles(directories: Directories, name: string): NetworkFiles {
  const directory = join(runningNetworksDirectory(directories), name);
  return { directory, journal: join(directory, 'journal.jsonl'), live: join(directory, 'live.xml') };
}
