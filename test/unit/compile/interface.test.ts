import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { printArgv } from '../../../src/plan/index.ts';
import { FIXTURES, goldenEnvironment } from '../../golden/environment.ts';

const env = goldenEnvironment({});

function domain(devices: string): string {
  return `<domain type='kvm'><name>guest</name><memory>65536</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
}

describe('a NIC', () => {
  test('of a model that this QEMU does not have is told of, and passed on', () => {
    const plan = compile(domain("<interface type='user'><model type='no-such-nic'/></interface>"), env);
    expect(plan.warnings.map((w) => w.code)).toContain('interface/unknown-model');
    expect(printArgv(plan.options).join('\n')).toContain('"driver":"no-such-nic"');
  });

  test('without a MAC gets the same one each time, and no two get the same', () => {
    const xml = domain("<interface type='user'/>".repeat(50));
    const macs = (text: string) => [...text.matchAll(/<mac address='([^']*)'/g)].map(([, mac]) => mac);
    const first = macs(compile(xml, env).domainXml);
    expect(first).toEqual(macs(compile(xml, env).domainXml));
    expect(new Set(first).size).toBe(50);
    expect(first.every((mac) => mac?.startsWith('52:54:00:'))).toBe(true);
  });

  test('on a virtual network is what the network’s port says', () => {
    const networks = {
      office: { definition: '<network><bridge name="virbr7"/></network>' },
      pool: {
        definition: '<network/>',
        port: `<networkport><plug type='hostdev-pci' managed='yes'>
          <address domain='0' bus='0x3' slot='0' function='0x1'/></plug></networkport>`,
      },
      lan: { definition: "<network><forward mode='bridge'><interface dev='eth3'/></forward></network>" },
    };
    const nic = (name: string) => `<interface type='network'><source network='${name}'/></interface>`;
    const plan = compile(domain(nic('office') + nic('pool') + nic('lan')), {
      ...env,
      facts: { ...env.facts, networks },
    });
    expect(plan.host.filter(({ type }) => type !== 'process-limit' && type !== 'free-memory')).toMatchObject([
      { type: 'tap', bridge: 'virbr7', device: 'net0' },
      { type: 'macvtap', parent: 'eth3', mode: 'bridge', device: 'net1' },
      { type: 'pci-function', device: 'hostdev0', function: '0000:03:00.1', managed: true },
      { type: 'virtual-function', device: 'hostdev0', function: '0000:03:00.1' },
    ]);
  });
});

test('a link that is down is cut before the guest runs', () => {
  const xml = readFileSync(path.join(FIXTURES, 'interface', 'bridge-vhost.xml'), 'utf8');
  expect(compile(xml, env).afterStart).toContainEqual({
    execute: 'set_link',
    arguments: { name: 'net0', up: false },
  });
});
