import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fail, messageOf } from '../errors/index.ts';
import type { CompileConfig, HostFacts } from '../plan/index.ts';
import { type DescriptorSource, findDescriptors } from './descriptors.ts';
import { hostErrors } from './errors.ts';

/** All that `--facts FILE` says: nothing of the real host is looked at. */
export interface RecordedFacts {
  readonly facts: HostFacts;
  readonly config: CompileConfig;
  /** The QEMU binary's path, as it would be run. */
  readonly binary: string;
  readonly kvm: boolean;
  /** The recorded QMP conversation that answers for that QEMU: an absolute path. */
  readonly transcript: string;
}

/** The file's form: HostFacts with file names where HostFacts has text, and what is beside it. */
interface FactsFile extends Omit<HostFacts, 'cpu' | 'networks' | 'volumes' | 'firmware' | 'vhostUser'> {
  readonly format: number;
  readonly about?: string;
  readonly root: string;
  readonly qemu: { readonly binary: string; readonly kvm: boolean; readonly transcript: string };
  readonly hostCpu: HostFacts['cpu'];
  readonly networks?: Readonly<Record<string, { readonly definition: string; readonly port?: string }>>;
  readonly volumes?: HostFacts['volumes'];
  readonly config: CompileConfig;
}

/**
 * Reads a facts file: `root` is a directory that stands for `/`, paths are absolute or relative to the file; the
 * XML of networks, their ports and pools is read in.
 * @throws QdomError `host/facts-unreadable`.
 */
export function readFacts(path: string): RecordedFacts {
  const file = parseFactsFile(path);
  const near = (name: string) => resolve(dirname(path), name);
  const text = (name: string) => readRequired(path, near(name));
  const { format: _f, about: _a, root, qemu, hostCpu, networks, volumes, config, ...plain } = file;
  const search = {
    root: near(root),
    ...(plain.user.privileged ? {} : { home: plain.user.home }),
  };
  return {
    facts: {
      ...plain,
      cpu: hostCpu,
      networks: mapValues(networks ?? {}, ({ definition, port }) => ({
        definition: text(definition),
        ...(port === undefined ? {} : { port: text(port) }),
      })),
      volumes: mapValues(volumes ?? {}, ({ pool, ...volume }) => ({
        ...volume,
        ...(pool === undefined ? {} : { pool: text(pool) }),
      })),
      firmware: findDescriptors(realFiles, 'firmware', search),
      vhostUser: findDescriptors(realFiles, 'vhost-user', search),
    },
    config,
    binary: qemu.binary,
    kvm: qemu.kvm,
    transcript: near(qemu.transcript),
  };
}

function parseFactsFile(path: string): FactsFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw fail(hostErrors['facts-unreadable'], { path, reason: messageOf(cause) }, { cause });
  }
  const missing = missingMember(parsed);
  if (missing !== undefined) throw fail(hostErrors['facts-unreadable'], { path, reason: missing });
  return parsed as FactsFile;
}

const REQUIRED = ['root', 'qemu', 'hostCpu', 'user', 'config', 'numa', 'hugepages', 'clock', 'tap'] as const;

function missingMember(parsed: unknown): string | undefined {
  if (typeof parsed !== 'object' || parsed === null) return 'it holds no JSON object';
  const object = parsed as Record<string, unknown>;
  if (object.format !== 1) return `its format is '${String(object.format)}', not '1'`;
  const absent = REQUIRED.find((name) => object[name] === undefined);
  if (absent !== undefined) return `member '${absent}' is missing`;
  const qemu = object.qemu as Record<string, unknown>;
  if (typeof qemu.transcript !== 'string') return "member 'qemu.transcript' is missing";
  if ((object.hostCpu as Record<string, unknown>).model === undefined)
    return "member 'hostCpu.model' is missing";
  return undefined;
}

function readRequired(factsPath: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw fail(hostErrors['facts-unreadable'], { path: factsPath, reason: messageOf(cause) }, { cause });
  }
}

const realFiles: DescriptorSource = {
  listDirectory: (path) => orElse(() => readdirSync(path), []),
  readText: (path) => orElse(() => readFileSync(path, 'utf8'), undefined),
};

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, f: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, f(v)]));
}
