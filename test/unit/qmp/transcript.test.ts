import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { QdomError } from '../../../src/errors/index.ts';
import { findMachine, hasOption, hasProperty, hasType, schemaHas } from '../../../src/plan/caps.ts';
import type { ExchangeSession } from '../../../src/qmp/capabilities/exchange.ts';
import {
  capsFromTranscript,
  parseTranscript,
  printTranscript,
} from '../../../src/qmp/capabilities/transcript.ts';

const model = (name: string, props: Record<string, unknown>) => ({ return: { model: { name, props } } });

const ask = (execute: string, answer: unknown, args?: Record<string, unknown>) => ({
  question: args === undefined ? { execute } : { execute, arguments: args },
  answer: answer as { return: unknown },
});

const common: ExchangeSession = [
  ask('qmp_capabilities', { return: {} }),
  ask('query-version', { return: { qemu: { major: 9, minor: 1, micro: 2 }, package: 'Debian' } }),
  ask('query-target', { return: { arch: 'x86_64' } }),
  ask('query-qmp-schema', {
    return: [
      { 'meta-type': 'command', name: 'blockdev-add', 'arg-type': '1', 'ret-type': '0' },
      {
        'meta-type': 'command',
        name: 'migrate-recover',
        'arg-type': '0',
        'ret-type': '0',
        'allow-oob': true,
      },
      { 'meta-type': 'object', name: '0', members: [] },
      {
        'meta-type': 'object',
        name: '1',
        members: [{ name: 'driver', type: '2' }],
        tag: 'driver',
        variants: [{ case: 'file', type: '3' }],
      },
      { 'meta-type': 'enum', name: '2', members: [{ name: 'file' }] },
      { 'meta-type': 'object', name: '3', members: [{ name: 'aio', type: '4', default: null }] },
      { 'meta-type': 'enum', name: '4', values: ['threads', 'io_uring'] },
      { 'meta-type': 'from-the-future', name: '5' },
    ],
  }),
  ask('qom-list-types', { return: [{ name: 'virtio-blk-pci', parent: 'virtio-blk-pci-base' }] }),
  ask(
    'device-list-properties',
    { return: [{ name: 'packed', type: 'bool', 'default-value': false, description: 'on/off' }] },
    { typename: 'virtio-blk-pci' },
  ),
  ask(
    'device-list-properties',
    { error: { class: 'DeviceNotFound', desc: 'no' } },
    { typename: 'virtio-net-ccw' },
  ),
  ask('query-command-line-options', {
    return: [{ option: 'sandbox', parameters: [{ name: 'enable', type: 'boolean', help: 'x' }] }],
  }),
  ask('query-sev-capabilities', { error: { class: 'GenericError', desc: 'no /dev/sev' } }),
];

const accelerator = (cpu: 'host' | 'max'): ExchangeSession => [
  ask('query-machines', {
    return: [
      {
        name: 'pc-q35-9.1',
        alias: 'q35',
        'cpu-max': 4096,
        'hotpluggable-cpus': true,
        'numa-mem-supported': false,
        deprecated: false,
      },
    ],
  }),
  ask('query-cpu-definitions', {
    return: [{ name: cpu, typename: `${cpu}-x86_64-cpu`, 'unavailable-features': [], deprecated: false }],
  }),
  ask('query-cpu-model-expansion', model('base', { sse: true }), { type: 'static', model: { name: cpu } }),
  ask('query-cpu-model-expansion', model('base', { sse: true, invtsc: true }), {
    type: 'static',
    model: { name: cpu, props: { migratable: false } },
  }),
];

const kvm = ask('query-kvm', { return: { enabled: true, present: true } });
const withKvm: ExchangeSession = [
  ...common,
  kvm,
  ...accelerator('host'),
  ask('query-cpu-model-expansion', model('host', { sse: true, 'hv-time': true }), {
    type: 'full',
    model: { name: 'host', props: { migratable: false, 'hv-passthrough': true } },
  }),
];
const tcgAfterKvm: ExchangeSession = [ask('qmp_capabilities', { return: {} }), ...accelerator('max')];
const tcgAlone: ExchangeSession = [
  ...common,
  ask('query-kvm', { return: { enabled: false, present: true } }),
  ...accelerator('max'),
];

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof QdomError) return error.primary?.code;
    throw error;
  }
  return undefined;
}

describe('capsFromTranscript', () => {
  it('reads what a QEMU with KVM said, and the TCG half after it', () => {
    const caps = capsFromTranscript(printTranscript([withKvm, tcgAfterKvm]));
    expect(caps.version).toEqual({ major: 9, minor: 1, micro: 2 });
    expect(caps.kvm).toBe(true);
    expect(hasType(caps, 'virtio-blk-pci')).toBe(true);
    expect(hasProperty(caps, 'virtio-blk-pci', 'packed')).toBe(true);
    expect(caps.properties['virtio-blk-pci']?.packed).toEqual({ type: 'bool', default: false });
    expect(caps.properties['virtio-net-ccw']).toBeUndefined();
    expect(hasOption(caps, 'sandbox', 'enable')).toBe(true);
    expect(findMachine(caps, 'kvm', 'q35')?.name).toBe('pc-q35-9.1');
    expect(caps.accel.kvm?.hostCpu).toEqual({
      name: 'host',
      migratable: { sse: true },
      full: { sse: true, invtsc: true },
      hyperv: { 'hv-time': true },
    });
    expect(caps.accel.tcg.hostCpu?.name).toBe('max');
    expect(caps.sev).toBeUndefined();
  });

  it('does without the KVM half', () => {
    const caps = capsFromTranscript(printTranscript([tcgAlone]));
    expect(caps.kvm).toBe(false);
    expect(caps.accel.kvm).toBeUndefined();
    expect(caps.accel.tcg.hostCpu?.full).toEqual({ sse: true, invtsc: true });
  });

  it('answers what the schema has, and the same again', () => {
    const caps = capsFromTranscript(printTranscript([tcgAlone]));
    for (const _ of [1, 2]) {
      expect(schemaHas(caps, 'blockdev-add')).toBe(true);
      expect(schemaHas(caps, 'blockdev-add', 'aio', '=io_uring')).toBe(true);
      expect(schemaHas(caps, 'blockdev-add', 'aio', '=none')).toBe(false);
      expect(schemaHas(caps, 'blockdev-del')).toBe(false);
    }
    const entity = caps.schema['migrate-recover'];
    expect(entity?.['meta-type'] === 'command' && entity['allow-oob']).toBe(true);
  });

  it('reads CRLF, and gives back what it prints', () => {
    const sessions = [withKvm, tcgAfterKvm];
    expect(parseTranscript(printTranscript(sessions).replaceAll('\n', '\r\n'))).toEqual(sessions);
  });

  it.each([
    ['not JSON', '{"execute": \n\n', 'capabilities/transcript-malformed'],
    ['an array', '[]\n\n{"return": {}}', 'capabilities/transcript-malformed'],
    ['a reply first', '{"return": {}}\n\n{"execute": "query-kvm"}', 'capabilities/transcript-malformed'],
    ['a command without a reply', '{"execute": "query-kvm"}', 'capabilities/transcript-malformed'],
    ['nothing', '', 'capabilities/answer-missing'],
    ['no version', '{"execute": "query-kvm"}\n\n{"return": {}}', 'capabilities/answer-missing'],
    ['a strange version', '{"execute":"query-version"}\n\n{"return": []}', 'capabilities/answer-malformed'],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => capsFromTranscript(text))).toBe(code);
  });
});

const recorded = new URL('../../../../shared/conformance/transcripts/', import.meta.url);

describe.skipIf(!existsSync(recorded))('the recordings of the conformance kit', () => {
  const names = existsSync(recorded) ? readdirSync(recorded) : [];
  it.each(names)('%s', (name) => {
    const caps = capsFromTranscript(readFileSync(new URL(name, recorded), 'utf8'));
    const { major, minor, micro } = caps.version;
    expect(name).toContain(`_${major}.${minor}.${micro}_`);
    expect(caps.sev !== undefined).toBe(name.includes('amdsev'));
    for (const accel of [caps.accel.kvm, caps.accel.tcg]) {
      expect(accel?.machines.length).toBeGreaterThan(50);
      expect(accel?.cpus.length).toBeGreaterThan(100);
      expect(Object.keys(accel?.hostCpu?.full ?? {}).length).toBeGreaterThan(300);
    }
    expect(findMachine(caps, 'kvm', 'q35')?.name).toMatch(/^pc-q35-/);
    expect(schemaHas(caps, 'blockdev-add', 'aio', '=io_uring')).toBe(true);
    expect(hasProperty(caps, 'virtio-blk-pci', 'iothread')).toBe(true);
    expect(hasOption(caps, 'machine')).toBe(true);
  });
});
