import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import type { CompileEnv, QemuCaps, SchemaEntity } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const env = goldenEnvironment({});

function codes(inside: string, environment: CompileEnv): readonly string[] {
  const xml = `<domain type='qemu'><name>guest</name><memory unit='GiB'>1</memory>${inside}
    <os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`;
  try {
    compile(xml, environment);
    return [];
  } catch (error) {
    if (!(error instanceof QdomError)) throw error;
    return error.diagnostics.filter((d) => d.severity === 'error').map((d) => d.code);
  }
}

function withFacts(facts: Partial<CompileEnv['facts']>): CompileEnv {
  return { ...env, facts: { ...env.facts, ...facts } };
}

function withCaps(caps: Partial<QemuCaps>): CompileEnv {
  return { ...env, caps: { ...env.caps, ...caps } };
}

/** The introspection schema of a QEMU before 7.1: nothing in it sizes a thread pool. */
function schemaWithoutPools(): QemuCaps['schema'] {
  const entries = Object.entries(env.caps.schema).map(([name, entity]): [string, SchemaEntity] => {
    if (entity['meta-type'] === 'enum')
      return [name, { ...entity, values: entity.values.filter((v) => v !== 'main-loop') }];
    if (entity['meta-type'] !== 'object') return [name, entity];
    return [name, { ...entity, members: entity.members.filter((m) => !m.name.startsWith('thread-pool-')) }];
  });
  return Object.fromEntries(entries);
}

describe('what this host or this QEMU cannot', () => {
  it('hugepages of a default size, where none are mounted', () => {
    const xml = '<memoryBacking><hugepages/></memoryBacking>';
    expect(codes(xml, env)).toEqual([]);
    expect(codes(xml, withFacts({ hugepages: [] }))).toEqual(['memory-backing/no-default-hugepages']);
  });

  it('placement on the nodes that the host advises, where there is no advice', () => {
    const xml = "<numatune><memory placement='auto'/></numatune>";
    expect(codes(xml, env)).toEqual([]);
    expect(codes(xml, withFacts({ numa: { cells: [] } }))).toEqual(['numatune/no-advice']);
  });

  it('memory that QEMU has no backend for', () => {
    const { 'memory-backend-memfd': _, ...types } = env.caps.types;
    const xml = "<memoryBacking><source type='memfd'/></memoryBacking>";
    expect(codes(xml, env)).toEqual([]);
    expect(codes(xml, withCaps({ types }))).toEqual(['memory-backing/unsupported-backend']);
  });

  it('a thread pool of a size, where QEMU sizes none', () => {
    const old = withCaps({ schema: schemaWithoutPools() });
    const iothread = "<iothreadids><iothread id='1' thread_pool_max='4'/></iothreadids>";
    expect(codes(iothread, env)).toEqual([]);
    expect(codes(iothread, old)).toEqual(['iothreads/pool-not-settable']);
    expect(codes("<defaultiothread thread_pool_max='4'/>", old)).toEqual(['iothreads/pool-not-settable']);
  });

  it('the model of a CPU that QEMU does not describe', () => {
    const { hostCpu: _, ...tcg } = env.caps.accel.tcg;
    const xml = "<cpu mode='host-model'/>";
    expect(codes(xml, env)).toEqual([]);
    expect(codes(xml, withCaps({ accel: { tcg } }))).toEqual(['cpu/unknown-host']);
  });
});
