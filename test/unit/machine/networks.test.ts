import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { alone, otherOwner, takeOwnership } from '../../../src/host/owners.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { ensureDirectory } from '../../../src/machine/host-files.ts';
import { findDirectories, type MachineContext, ownersFor } from '../../../src/machine/index.ts';
import {
  activeNetworks,
  definedNetworks,
  defineNetwork,
  destroyNetwork,
  type NetworkDefinition,
  reapNetworks,
  startNetwork,
  undefineNetwork,
} from '../../../src/machine/networks/index.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const network = (name: string, uuid: string, bridge: string): NetworkDefinition => ({
  ...{ name, uuid, bridge },
  xml: `<network>\n  <name>${name}</name>\n  <uuid>${uuid}</uuid>\n  <bridge name='${bridge}'/>\n</network>\n`,
});
const forwarding: HostRequirement = { type: 'ip-forwarding', device: 'n', family: 'ipv4' };
const FORWARD = '/proc/sys/net/ipv4/ip_forward';

function world() {
  const host = new FakeHost({ [FORWARD]: '0\n', '/r': null });
  const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
  return { host, cx: { host, directories, reapCommand: [] } satisfies MachineContext };
}
const code = (act: Promise<unknown>) =>
  act.then(
    () => 'done',
    (e: unknown) => (e as QdomError).primary?.code,
  );

describe('virtual networks', () => {
  it('are kept by name, and no two have one UUID or bridge', async () => {
    const { cx } = world();
    await defineNetwork(cx, () => network('a', 'u1', 'virbr0'));
    await defineNetwork(cx, () => network('a', 'u1', 'virbr1'));
    expect(definedNetworks(cx)).toMatchObject([{ name: 'a', uuid: 'u1', bridge: 'virbr1' }]);
    expect(await code(defineNetwork(cx, () => network('a', 'u2', 'virbr2')))).toBe('net/already-defined');
    expect(await code(defineNetwork(cx, () => network('b', 'u1', 'virbr2')))).toBe('net/uuid-taken');
    expect(await code(defineNetwork(cx, () => network('b', 'u2', 'virbr1')))).toBe('net/bridge-taken');
    await undefineNetwork(cx, 'a');
    expect(await code(undefineNetwork(cx, 'a'))).toBe('net/not-found');
  });

  it('turn forwarding on with the first and off with the last', async () => {
    const { host, cx } = world();
    for (const name of ['a', 'b']) await startNetwork(cx, network(name, name, name), [forwarding]);
    expect(await code(startNetwork(cx, network('a', 'a', 'a'), []))).toBe('net/already-active');
    expect(activeNetworks(cx).map(({ name }) => name)).toEqual(['a', 'b']);
    await destroyNetwork(cx, 'a');
    expect(host.readText(FORWARD)).toBe('1\n');
    await destroyNetwork(cx, 'b');
    expect(host.readText(FORWARD)).toBe('0\n');
    expect(await code(destroyNetwork(cx, 'b'))).toBe('net/not-active');
  });

  it.each(['../machines/guest', '..', '.', ''])('are not ended by the path %j', async (path) => {
    const { host, cx } = world();
    const { directory } = machineFiles(cx.directories, 'guest');
    await startNetwork(cx, network('a', 'a', 'a'), [forwarding]);
    ensureDirectory(host, directory);
    expect(await code(destroyNetwork(cx, path))).toBe('net/not-active');
    expect(host.status(directory)).toBeDefined();
    expect(activeNetworks(cx)).toHaveLength(1);
  });

  it('are no owners of what a machine has that is called like one', async () => {
    const { host, cx } = world();
    const name = 'network a';
    ensureDirectory(host, machineFiles(cx.directories, name).directory);
    await takeOwnership(host, ownersFor(cx, name), alone('pci:0000:01:00.0'));
    expect(otherOwner(host, ownersFor(cx, 'b'), alone('pci:0000:01:00.0'))).toBe(name);
  });

  it('leave forwarding on where it was on', async () => {
    const { host, cx } = world();
    host.overwrite(FORWARD, '1\n');
    await startNetwork(cx, network('a', 'a', 'a'), [forwarding]);
    await destroyNetwork(cx, 'a');
    expect(host.readText(FORWARD)).toBe('1\n');
  });

  it('whose start was killed after the k-th change are ended by reap, for every k', async () => {
    const changes = async () => {
      const { host, cx } = world();
      host.inject('fail');
      await startNetwork(cx, network('a', 'a', 'a'), [forwarding]);
      return host.changes;
    };
    for (let k = 1; k < (await changes()); k++) {
      const { host, cx } = world();
      host.inject('kill', k);
      await expect(startNetwork(cx, network('a', 'a', 'a'), [forwarding])).rejects.toThrow();
      host.revive();
      await reapNetworks(cx);
      if (activeNetworks(cx).length > 0) await destroyNetwork(cx, 'a');
      expect(host.readText(FORWARD), `k = ${k}`).toBe('0\n');
      expect(
        host.listDirectory('/r/run/owners').filter((f) => f !== '.lock'),
        `k = ${k}`,
      ).toEqual([]);
    }
  });
});
