import { expect, it } from 'vitest';
import { linkOfSubnet } from '../../../src/host/network/routes.ts';
import { realise } from '../../../src/host/realise.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

/** A default route, and those of eth0 (192.168.122.0/24), eth1 (10.0.0.0/8) and eth2 (172.16.5.4/32). */
const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t017AA8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t007AA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
eth2\t040510AC\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
`;
const hostWithRoutes = () => new FakeHost({ '/run': null, '/proc/net/route': ROUTES, '/sbin/ip': '' });

it.each([
  ['192.168.122.1', 24, 'eth0'],
  ['192.168.1.1', 16, 'eth0'],
  ['192.168.122.129', 25, undefined],
  ['192.168.123.1', 24, undefined],
  ['10.1.2.1', 24, undefined],
  ['172.16.5.1', 24, 'eth2'],
  ['fd00::1', 64, undefined],
])('the subnet of %s/%i is reached by %s', (address, prefix, link) => {
  expect(linkOfSubnet(address, prefix, hostWithRoutes())).toBe(link);
});

it('a virtual network does not take it away', async () => {
  const host = hostWithRoutes();
  const bridge: HostRequirement = {
    ...{ type: 'virtual-bridge', device: 'default', name: 'virbr0', mac: '52:54:00:aa:bb:cc', stp: true },
    ...{ delaySeconds: 0, filtersVlans: false, routes: [] },
    addresses: [{ address: '192.168.122.1', family: 'ipv4', prefix: 24 }],
  };
  const owners = { directory: '/run/owners', machine: 'network/default', isThere: () => false };
  await expect(realise([bridge], host, '/run/journal', owners)).rejects.toThrow("reached by 'eth0' already");
  expect(host.changes).toBe(0);
});
