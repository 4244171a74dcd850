import { rmSync } from 'node:fs';
import tmp from 'tmp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHost } from '../../src/host/real.ts';
import { realise, undoSteps } from '../../src/host/realise.ts';
import type { HostSystem } from '../../src/host/system.ts';
import {
  detachFunction,
  findDirectories,
  type MachineContext,
  ownersFor,
  reattachFunction,
  resetNodeDevice,
  vfioFunctions,
} from '../../src/machine/index.ts';
import type { HostRequirement } from '../../src/plan/index.ts';
import { addressElement, addressOf, CardGuests, cardsState, complaint, driverOf, settled } from './cards.ts';
import { qdom } from './helpers.ts';

const HERE = '192.0.2.1';
const SINGLE = addressOf('02:00:00:00:02:00');
const [TWIN, OTHER] = [addressOf('02:00:00:00:04:00'), addressOf('02:00:00:00:04:01')];

const SCRIPT = `cat /sys/class/net/eth0/address
ip addr add 192.0.2.2/24 dev eth0
ip link set eth0 up
sleep 3
ping -q -c 3 -W 3 ${HERE}`;

const hostdev = (address: string) =>
  `<hostdev mode='subsystem' type='pci' managed='yes'><source>${addressElement(address)}</source></hostdev>`;

const assign = (...addresses: readonly string[]): HostRequirement[] =>
  addresses.map((address) => ({
    type: 'pci-function',
    device: 'hostdev0',
    function: address,
    managed: true,
  }));

let before: unknown;
beforeEach(() => {
  before = cardsState();
});

describe('a card of the host', () => {
  it('is used by a guest, and given back; with a group that the host uses a part of, the start is refused', async () => {
    const guests = await CardGuests.make(SCRIPT, `${HERE}/24`);
    try {
      before = cardsState();
      const half = await complaint(qdom(['create', guests.write('half', hostdev(TWIN))]));
      expect(half).toContain(`with what the host uses: ${OTHER} (e1000e)`);
      expect(half).toMatch(/half\.xml:\d+:5: error/);
      expect(half).toMatch(/^> +\d+ \| +<hostdev /m);
      expect(cardsState()).toEqual(before);

      const file = guests.write('whole', hostdev(SINGLE));
      await qdom(['create', file]);
      expect(driverOf(SINGLE)).toBe('vfio-pci');
      const said = await guests.output(file);
      await qdom(['destroy', 'whole']);
      expect(said).toContain('02:00:00:00:02:00');
      expect(said).toContain('3 packets received');
      expect(driverOf(SINGLE)).toBe('e1000e');
      expect(await settled(before)).toEqual(before);
    } finally {
      await guests.end();
    }
  }, 300_000);
});

/** What follows needs no guest: the steps, on the real kernel. */
describe('on the real kernel', () => {
  let root: string;
  let cx: MachineContext;
  let journal: string;

  beforeEach(() => {
    root = tmp.dirSync().name;
    const directories = findDirectories({ root, uid: 0, home: '/', env: {} });
    cx = { directories, host: realHost(), reapCommand: [] };
    journal = `${root}/journal.jsonl`;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const owners = (machine: string) => ({ ...ownersFor(cx, machine), isThere: () => true });

  it('a whole group goes to vfio and comes back, and is nobody else’s meanwhile', async () => {
    await realise(assign(TWIN, OTHER), cx.host, journal, owners('first'));
    expect([TWIN, OTHER].map(driverOf)).toEqual(['vfio-pci', 'vfio-pci']);
    const second = realise(assign(OTHER), cx.host, `${root}/second.jsonl`, owners('second'));
    expect(await complaint(second)).toContain(`'pci:${OTHER}' is in use by domain 'first'`);
    expect(await undoSteps(cx.host, journal, 'ended')).toEqual([]);
    expect(cardsState()).toEqual(before);
  }, 120_000);

  it('an operator’s act stays until it is taken back', async () => {
    await detachFunction(cx, OTHER);
    expect(vfioFunctions(cx)).toMatchObject([{ function: OTHER, detachedFrom: 'e1000e' }]);
    await resetNodeDevice(cx, OTHER);
    // With the other one there is no host's function left in the group; this one stays where the operator put it.
    await realise(assign(TWIN, OTHER), cx.host, journal, owners('first'));
    expect(await undoSteps(cx.host, journal, 'ended')).toEqual([]);
    expect([TWIN, OTHER].map(driverOf)).toEqual(['e1000e', 'vfio-pci']);
    expect(await reattachFunction(cx, OTHER)).toEqual({ function: OTHER, driver: 'e1000e' });
    expect(cardsState()).toEqual(before);
  }, 120_000);

  it('killed after any change to the host, the next command gives the driver back', async () => {
    const last = changesOf(await dying(Number.POSITIVE_INFINITY));
    await undoSteps(cx.host, journal, 'rollback');
    expect(last).toBeGreaterThan(8);
    for (let k = 1; k <= last; k++) {
      rmSync(journal, { force: true });
      await dying(k);
      expect(await undoSteps(cx.host, journal, 'rollback'), `k = ${k}`).toEqual([]);
      expect(cardsState(), `k = ${k}`).toEqual(before);
    }
  }, 240_000);

  /** Prepares a whole group on a host that makes k changes and not one more. */
  async function dying(k: number): Promise<{ readonly changes: number }> {
    const counted = { changes: 0 };
    const host = new Proxy<HostSystem>(cx.host, {
      get(target, name) {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== 'function' || LOOKS.has(String(name))) return call;
        return (...args: unknown[]) => {
          if (counted.changes >= k && name !== 'closeDescriptor') throw new Error('killed');
          counted.changes++;
          return call.apply(target, args);
        };
      },
    });
    await realise(assign(TWIN, OTHER), host, journal, owners('first')).catch(() => undefined);
    return counted;
  }
});

const changesOf = ({ changes }: { readonly changes: number }) => changes;
const LOOKS: ReadonlySet<string> = new Set([
  ...['listDirectory', 'readText', 'readLink', 'realPath', 'status', 'mayUse'],
]);
