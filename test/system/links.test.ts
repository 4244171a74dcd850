import { beforeAll, describe, expect, it } from 'vitest';
import { hasQemu, noQemu } from '../helpers/machines.ts';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';

const why = hasQemu ? noNamespaces() : noQemu;

describe.skipIf(why !== undefined)(
  `macvtaps and settings of links${why === undefined ? '' : ` (${why})`}`,
  () => {
    let seen: Record<string, unknown> = {};
    beforeAll(async () => {
      seen = await inNamespace(new URL('scenarios/links.ts', import.meta.url));
    }, 60_000);

    const name = 'macvtap00123456';
    const address = '52:54:00:12:34:56';

    it.each(['vepa', 'private', 'bridge'])(
      'a macvtap of mode %s is made on the link, which is up meanwhile',
      (mode) => {
        expect((seen.modes as Record<string, unknown>)[mode]).toMatchObject([
          { name: 'eth0', up: true, allmulti: 1 },
          { name, link: 'eth0', address, mode, up: true },
        ]);
      },
    );

    it('in mode passthrough the link below has the MAC of the guest', () => {
      expect((seen.modes as Record<string, unknown>).passthrough).toMatchObject([
        { name: 'eth0', address, up: true, allmulti: 1 },
        { name, link: 'eth0', address, mode: 'passthru', up: true },
      ]);
    });

    it('are gone after destroy, and after kill -9 of everything, and the link below is as it was', () => {
      expect(seen.afterModes).toEqual(seen.before);
      expect(seen.afterKill).toEqual(seen.before);
    });

    it('belong to one machine, and need the link below', () => {
      // The name, and the link below.
      expect(seen.second).toEqual(['host/taken', 'host/taken']);
      expect(seen.missingParent).toEqual(['host/link-missing']);
    });

    it('isolation is that of the port of the bridge', () => {
      expect(seen.isolated).toBe('1');
      expect(seen.afterIsolated).toEqual(seen.before);
    });

    it('bandwidth, addresses and routes are the kernel’s while the machine runs, and gone after', () => {
      expect(seen.settings).toEqual({
        classes: expect.stringMatching(/class htb 1:1 root .*rate 8Mbit ceil 16Mbit burst 64Kb/),
        addresses: 'inet 192.0.2.1/24',
        routes: ['198.51.100.0/24 via 192.0.2.2'],
      });
      expect(seen.settingsAfter).toEqual(seen.settingsBefore);
      expect(seen.afterSettings).toEqual(seen.before);
    });
  },
);
