import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import tmp from 'tmp';
import { recordedCaps } from '../../src/cli/recorded-caps.ts';
import { readFacts } from '../../src/host/facts.ts';
import type { CompileConfig, CompileEnv, HostFacts, QemuCaps } from '../../src/plan/index.ts';

/** The conformance kit, where it is there; a clone of the project alone does not have it. */
export const KIT = fileURLToPath(new URL('../../../shared/conformance', import.meta.url));
export const kitIsHere = existsSync(path.join(KIT, 'cases.json'));

export interface ConformanceCase {
  readonly id: string;
  readonly xml: string;
  readonly kind: 'argv' | 'reject';
  readonly expected: string;
  readonly transcript: string;
  readonly normalized?: string;
  readonly hostCpu?: string;
  readonly incoming?: string;
  readonly abiUpdate?: boolean;
}

export function loadCases(filter = /(?:)/): readonly ConformanceCase[] {
  const cases = JSON.parse(readFileSync(path.join(KIT, 'cases.json'), 'utf8')) as ConformanceCase[];
  return cases.filter((c) => filter.test(c.id));
}

export function readCaseFile(name: string): string {
  return readFileSync(path.join(KIT, 'cases', name), 'utf8');
}

interface Recorded {
  readonly facts: HostFacts;
  readonly config: CompileConfig;
  readonly binary: string;
}

/**
 * libvirt's own tests made these definitions with settings of its qemu.conf turned on that neither the XML nor the kit's facts have;
 * the same XML with the settings off is recorded elsewhere in the kit, with the other answer (docs/differences.md).
 */
export const SETTINGS: Readonly<Record<string, Partial<CompileConfig>>> = {
  'graphics-vnc-sasl.x86_64-latest': { vncSasl: true },
  'graphics-vnc-tls.x86_64-latest': { vncSasl: true, vncTls: true },
  'graphics-spice-sasl.x86_64-latest': { spiceSasl: true },
  'serial-tcp-tlsx509-chardev.x86_64-latest': { chardevTls: true },
  'serial-tcp-tlsx509-chardev-verify.x86_64-latest': { chardevTls: true },
};

/** Gives each case its environment; transcripts and facts are read once. */
export class Environments {
  readonly #caps = new Map<string, QemuCaps>();
  readonly #facts: Recorded;
  readonly #hostCpus: Readonly<Record<string, HostFacts['cpu']>>;

  constructor() {
    const recorded = JSON.parse(readFileSync(path.join(KIT, 'host', 'facts.json'), 'utf8'));
    this.#hostCpus = recorded.hostCpu;
    const { name, removeCallback } = tmp.fileSync({ postfix: '.json', discardDescriptor: true });
    writeFileSync(name, JSON.stringify(fillIn(recorded)));
    this.#facts = readFacts(name);
    removeCallback();
  }

  of(c: ConformanceCase): CompileEnv {
    let caps = this.#caps.get(c.transcript);
    if (caps === undefined) {
      caps = recordedCaps(readFileSync(path.join(KIT, 'transcripts', c.transcript), 'utf8'));
      this.#caps.set(c.transcript, caps);
    }
    const cpu = this.#hostCpus[c.hostCpu ?? 'default'];
    if (cpu === undefined) throw new Error(`no host CPU ${c.hostCpu}`);
    return {
      caps,
      binary: this.#facts.binary,
      facts: { ...this.#facts.facts, cpu },
      config: this.#facts.config,
      profile: { kind: 'libvirt' },
      uuid: '00000000-0000-4000-8000-000000000000',
      ...(c.incoming !== undefined && { incoming: c.incoming }),
      ...(c.abiUpdate !== undefined && { abiUpdate: c.abiUpdate }),
    };
  }
}

interface RecordedJson {
  readonly qemu: Readonly<Record<string, unknown>>;
  readonly hostCpu: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly volumes: Readonly<Record<string, { readonly pool?: string }>>;
}

/** The facts as the kit's runner fills them in: with a transcript, one CPU and absolute paths. */
function fillIn(recorded: RecordedJson) {
  const host = (name: string) => path.join(KIT, 'host', name);
  const each = <V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
  return {
    ...recorded,
    qemu: { ...recorded.qemu, transcript: path.join(KIT, 'transcripts', 'caps_10.0.0_x86_64.replies') },
    hostCpu: recorded.hostCpu.default,
    networks: each(recorded.networks, (network) => each(network, host)),
    volumes: each(recorded.volumes, (volume) => ({
      ...volume,
      ...(volume.pool && { pool: host(volume.pool) }),
    })),
    root: host('root'),
  };
}
