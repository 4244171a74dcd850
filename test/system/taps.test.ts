import { beforeAll, describe, expect, it } from 'vitest';
import { hasQemu, noQemu } from '../helpers/machines.ts';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';

const why = hasQemu ? noNamespaces() : noQemu;

describe.skipIf(why !== undefined)(`taps on a bridge${why === undefined ? '' : ` (${why})`}`, () => {
  let seen: Record<string, unknown> = {};
  beforeAll(async () => {
    seen = await inNamespace(new URL('scenarios/taps.ts', import.meta.url));
  }, 60_000);

  it('are made, put on the bridge, and never have the MAC of the guest', () => {
    expect(seen.withNewTap).toEqual([
      { name: 'vnet0', mtu: 1450, master: 'br0', up: true, address: 'fe:54:00:12:34:56' },
    ]);
  });

  it('are held by QEMU alone, one descriptor a queue, also when there are many', () => {
    expect([seen.qemuHoldsTap, seen.shellHoldsTap, seen.nineShell]).toEqual([2, 0, 0]);
  });

  it('carry packets between the bridge and QEMU', () => {
    expect(seen.answer).toBe('through the tap');
  });

  it('are gone after destroy, and after kill -9 of everything', () => {
    expect(seen.afterDestroy).toEqual(seen.before);
    expect(seen.afterKill).toEqual(seen.before);
  });

  it('that were there before are given back as they were', () => {
    expect(seen.withGivenTap).toMatchObject([{ master: 'br0', mtu: 1450, up: true }]);
    expect(seen.afterGiven).toEqual(seen.before);
  });

  it('belong to one machine: a second is refused and changes nothing', () => {
    expect(seen.second).toEqual(['host/taken']);
    const told = /'mytap' of interface 'net0' is in use by process PID \(qemu-system-x86\)/;
    expect([seen.stranger, seen.strangerWhileDown]).toEqual([
      expect.stringMatching(told),
      expect.stringMatching(told),
    ]);
    expect(seen.givenAfterRefusal).toEqual(seen.withGivenTap);
  });
});
