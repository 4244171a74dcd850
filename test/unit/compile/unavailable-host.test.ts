import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import type { CompileEnv } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

interface Parts {
  readonly sections?: string;
  readonly devices?: string;
}

/** The codes that a domain with these parts is refused with, where something is otherwise. */
function codesFor({ sections = '', devices = '' }: Parts, change: (env: CompileEnv) => CompileEnv): string[] {
  const xml = `<domain type='kvm'><name>guest</name><memory unit='MiB'>512</memory>${sections}
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
  try {
    compile(xml, change(goldenEnvironment({})));
    return [];
  } catch (error) {
    if (error instanceof QdomError) return error.diagnostics.map((d) => d.code);
    throw error;
  }
}

const withoutType = (type: string) => (env: CompileEnv) => {
  const { [type]: _, ...types } = env.caps.types;
  return { ...env, caps: { ...env.caps, types } };
};

const withFacts = (facts: Partial<CompileEnv['facts']>) => (env: CompileEnv) => ({
  ...env,
  facts: { ...env.facts, ...facts },
});

const SCSI_HOSTDEV = `<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>
  <address bus='0' target='0' unit='0'/></source></hostdev>`;

describe('what this host or this QEMU lacks is told', () => {
  it.each<[string, Parts, (env: CompileEnv) => CompileEnv, string]>([
    [
      'a SCSI unit',
      { devices: SCSI_HOSTDEV },
      (env) => {
        const { scsiGenericNode: _, scsiGenericNodes: __, ...facts } = env.facts;
        return { ...env, facts };
      },
      'hostdev/scsi-unit-missing',
    ],
    [
      'a filesystem driver',
      { devices: "<filesystem><source dir='/srv'/><target dir='srv'/></filesystem>" },
      withoutType('virtio-9p-pci'),
      'filesystem/driver-unavailable',
    ],
    [
      'hugepages of the default size',
      { sections: '<memoryBacking><hugepages/></memoryBacking>' },
      withFacts({ hugepages: [] }),
      'memory-backing/no-default-hugepages',
    ],
    [
      'a memory backend',
      { sections: "<memoryBacking><source type='memfd'/></memoryBacking>" },
      withoutType('memory-backend-memfd'),
      'memory-backing/unsupported-backend',
    ],
    [
      'advice where the memory should be',
      { sections: "<numatune><memory mode='strict' placement='auto'/></numatune>" },
      (env) => ({ ...env, facts: { ...env.facts, numa: { cells: env.facts.numa.cells } } }),
      'numatune/no-advice',
    ],
    [
      "the main loop's threads",
      { sections: "<defaultiothread thread_pool_min='1' thread_pool_max='4'/>" },
      (env) => ({ ...env, caps: { ...env.caps, schema: {} } }),
      'iothreads/pool-not-settable',
    ],
    [
      'what CPU it has',
      { sections: "<cpu mode='host-model'/>" },
      (env) => {
        const { tcg } = env.caps.accel;
        const kvm = { machines: tcg.machines, cpus: tcg.cpus };
        return { ...env, caps: { ...env.caps, accel: { tcg, kvm } } };
      },
      'cpu/unknown-host',
    ],
  ])('%s', (_, parts, change, code) => {
    expect(codesFor(parts, change)).toContain(code);
  });
});
