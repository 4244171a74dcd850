import { beforeAll, describe, expect, it } from 'vitest';
import { BOOT_TIMEOUT_MS, linuxGuest } from '../guest/linux.ts';
import { hasQemu, noQemu } from '../helpers/machines.ts';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';
import { whyNoPasst } from '../helpers/passt.ts';

const guest = hasQemu ? await linuxGuest() : { missing: noQemu };
const noPasst = whyNoPasst();
const why = 'missing' in guest ? guest.missing : noNamespaces();

interface Seen {
  readonly reached: Readonly<Record<string, string>>;
  readonly gateway: string;
  readonly throughPasst: string;
  readonly ports: string;
  readonly classes: string;
  readonly entries: string;
  readonly changed: readonly string[];
}

describe.skipIf(why !== undefined)(
  `two Linux guests with a NIC of each kind${why === undefined ? '' : ` (${why})`}`,
  () => {
    let seen: Seen;
    beforeAll(async () => {
      seen = await inNamespace<Seen>(new URL('scenarios/packets.ts', import.meta.url));
    }, 6 * BOOT_TIMEOUT_MS);

    it.each(['bridge', 'macTable', 'macvtap', 'multicast', 'tcp', 'udp'])(
      'reach each other by %s',
      (name) => {
        expect(seen.reached[name]).toBe('yes');
      },
    );

    it('do not reach each other by isolated ports of one bridge', () => {
      expect(seen.reached.isolated).toBe('no');
    });

    it('reach each other in one VLAN and not from one to the other, where the kernel filters VLANs', () => {
      const { sameVlan = 'yes', otherVlan = 'no' } = seen.reached;
      expect({ sameVlan, otherVlan }).toEqual({ sameVlan: 'yes', otherVlan: 'no' });
    });

    it('reach the gateway of QEMU’s own network', () => {
      expect(seen.gateway).toBe('yes');
    });

    it.skipIf(noPasst !== undefined)(
      `are reached through a range of ports that passt forwards${noPasst ? ` (${noPasst})` : ''}`,
      () => {
        expect(seen.throughPasst).toBe('from the host');
      },
    );

    it('have a bandwidth, and addresses that the bridge was told', () => {
      expect(seen.classes).toMatch(/htb 1:1 .*rate 8Mbit ceil 16Mbit/);
      expect(seen.entries.match(/52:54:00:\S+ dev vnet\d+ master br2 static/g)).toHaveLength(2);
      expect(seen.ports).toMatch(/learning off flood off/);
      expect(seen.ports.match(/isolated on/g)).toHaveLength(2);
    });

    it('leave links, addresses, routes, disciplines and forwarding entries as they were, one of them killed', () => {
      expect(seen.changed).toEqual([]);
    });
  },
);
