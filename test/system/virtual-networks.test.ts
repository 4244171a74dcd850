import { beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';
import { BOOT_TIMEOUT_MS, linuxGuest } from '../guest/linux.ts';
import { hasQemu, noQemu } from '../helpers/machines.ts';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';

const guest = hasQemu ? await linuxGuest() : { missing: noQemu };
const absent = ['nft', 'dnsmasq'].find((name) => findProgram(realHost(), name) === undefined);
const why =
  'missing' in guest
    ? guest.missing
    : (noNamespaces() ?? (absent === undefined ? undefined : `${absent} is not installed`));

describe.skipIf(why !== undefined)(
  `virtual networks on this kernel${why === undefined ? '' : ` (${why})`}`,
  () => {
    let seen: Record<string, unknown> = {};
    beforeAll(async () => {
      seen = await inNamespace(new URL('scenarios/virtual-networks.ts', import.meta.url));
    }, 4 * BOOT_TIMEOUT_MS);

    it('are active when they are started, once', () => {
      expect(seen.list).toMatchObject([
        { name: 'alone', state: 'active', bridge: 'virbr1' },
        { name: 'default', state: 'active', bridge: 'virbr0' },
        { name: 'routed', state: 'active', bridge: 'routed0' },
      ]);
      expect(seen.again).toContain('already active');
    });

    it('have the bridge and the firewall that their definition asks for', () => {
      expect(seen.bridge).toMatch(/forward_delay 300 .*stp_state 0/);
      expect(seen.firewall).toMatch(
        /ip saddr 192\.168\.122\.0\/24 ip daddr != 192\.168\.122\.0\/24 masquerade/,
      );
      expect(seen.firewall).toMatch(/oifname "virbr1" reject/);
      expect(seen.forward).toBe('1');
    });

    it('give a guest the address that is kept for it, and it reaches the host', () => {
      expect(seen.lease).toContain('lease of 192.168.122.7 obtained');
      expect(seen.gateway).toBe('yes');
    });

    it('leave links, addresses, routes, rules and forwarding as they were', () => {
      expect(seen.same).toBe(true);
    });

    it('must be active for a machine to start', () => {
      expect(seen.afterwards).toContain(
        "the virtual network 'default' of interface 'net0' has not been started",
      );
    });
  },
);
