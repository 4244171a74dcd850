import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import type { CompileEnv, HostFacts, QemuCaps } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

/** The codes that a domain with these devices is refused with, where something is otherwise. */
function codesFor(devices: string, change: (env: CompileEnv) => Partial<CompileEnv>): string[] {
  const env = goldenEnvironment({});
  const xml = `<domain type='kvm'><name>guest</name><memory unit='MiB'>512</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
  try {
    compile(xml, { ...env, ...change(env) });
    return [];
  } catch (error) {
    if (error instanceof QdomError) return error.diagnostics.map((d) => d.code);
    throw error;
  }
}

const withoutType = (type: string) => (caps: QemuCaps) => ({
  types: Object.fromEntries(Object.entries(caps.types).filter(([name]) => name !== type)),
});

describe('a QEMU that was built without it', () => {
  it.each([
    ['a sound device', `<sound model='ac97'/>`, withoutType('AC97'), 'sound/model-unavailable'],
    [
      'a video device',
      `<video><model type='bochs'/></video>`,
      withoutType('bochs-display'),
      'video/type-unavailable',
    ],
    [
      'VNC',
      `<graphics type='vnc' port='5900'/>`,
      ({ options: { vnc: _, ...options } }: QemuCaps) => ({ options }),
      'graphics/type-unavailable',
    ],
    [
      'the agent of the clipboard',
      `<channel type='qemu-vdagent'><target type='virtio'/></channel>`,
      () => ({ schema: {} }),
      'chardev/type-unavailable',
    ],
    ['D-Bus graphics', `<graphics type='dbus'/>`, () => ({ schema: {} }), 'graphics/type-unavailable'],
    ['D-Bus audio', `<audio id='1' type='dbus'/>`, () => ({ schema: {} }), 'audio/type-unavailable'],
    [
      'what passt is connected by',
      `<interface type='user'><backend type='passt'/></interface>`,
      () => ({ schema: {} }),
      'interface/passt-unavailable',
    ],
    [
      'a TPM model',
      `<tpm model='tpm-crb'><backend type='emulator'/></tpm>`,
      ({ tpm }: QemuCaps) => ({ tpm: { ...tpm, models: [] } }),
      'tpm/model-unavailable',
    ],
    [
      'a TPM backend',
      `<tpm><backend type='passthrough'/></tpm>`,
      ({ tpm }: QemuCaps) => ({ tpm: { ...tpm, types: [] } }),
      'tpm/backend-unavailable',
    ],
  ])('is told for %s', (_, devices, lacking, code) => {
    expect(codesFor(devices, ({ caps }) => ({ caps: { ...caps, ...lacking(caps) } }))).toContain(code);
  });

  it.each([
    [
      'a render node',
      `<graphics type='egl-headless'/>`,
      { renderNode: undefined },
      'graphics/no-render-node',
    ],
    [
      'a way to start qemu-rdp',
      `<graphics type='rdp'/><graphics type='dbus' address='unix:path=/run/bus'/>`,
      { qemuRdp: true },
      'graphics/rdp-server',
    ],
  ])('and for %s', (_, devices, facts, code) => {
    expect(codesFor(devices, (env) => ({ facts: { ...env.facts, ...facts } as HostFacts }))).toContain(code);
  });
});
