import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import {
  completeNetwork,
  networkRequirements,
  printNetwork,
  readNetwork,
} from '../../../src/compile/network/index.ts';
import type { QdomError } from '../../../src/errors/index.ts';
import type { DnsmasqRequirement } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const CHOICES = {
  uuid: '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a01',
  mac: '52:54:00:00:00:99',
  takenNames: new Set(['virbr0']),
};
const requirements = (inner: string) =>
  networkRequirements(
    completeNetwork(readNetwork(`<network><name>n</name>${inner}</network>`), CHOICES),
    '/run/n',
  );
const codes = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as QdomError).diagnostics.map((d) => [d.code, d.at?.line]);
  }
};

const ADDRESS = "<ip address='192.168.7.1' netmask='255.255.255.0'/>";

describe('a virtual network', () => {
  it('gets a UUID, and the name and the address of its bridge, and reads back as itself', () => {
    const printed = printNetwork(completeNetwork(readNetwork('<network><name>n</name></network>'), CHOICES));
    expect(printed).toContain("<bridge name='virbr1' stp='on' delay='0'/>");
    expect(printed).toContain("<mac address='52:54:00:00:00:99'/>");
    expect(printNetwork(readNetwork(printed))).toBe(printed);
  });

  it('that is isolated lets nobody out, and needs no forwarding', () => {
    const all = requirements(ADDRESS);
    expect(all.map((r) => r.type)).toEqual(['virtual-bridge', 'firewall-table']);
    expect(all[0]).toMatchObject({
      addresses: [{ address: '192.168.7.1', prefix: 24 }],
      stp: true,
      delaySeconds: 0,
    });
    expect(JSON.stringify(all[1])).toContain('oifname \\"virbr1\\" reject');
  });

  it.each([
    ["<forward mode='nat'/>", 'ip saddr 192.168.7.1/24 ip daddr != 192.168.7.1/24 masquerade'],
    [
      "<forward mode='nat'><nat><address start='1.2.3.4' end='1.2.3.10'/></nat></forward>",
      'ip daddr != 192.168.7.1/24 snat ip to 1.2.3.4-1.2.3.10',
    ],
    [
      "<forward mode='nat' dev='eth0'><nat><port start='500' end='1000'/></nat></forward>",
      'postrouting oifname "eth0" ip saddr 192.168.7.1/24 ip daddr != 192.168.7.1/24 meta l4proto { tcp, udp } masquerade to :500-1000',
    ],
    ["<forward mode='route'/>", 'forward oifname "virbr1" ip daddr 192.168.7.1/24 accept'],
  ])('with %s forwards', (forward, rule) => {
    const [, forwarding, firewall] = requirements(forward + ADDRESS);
    expect(forwarding).toMatchObject({ type: 'ip-forwarding', family: 'ipv4' });
    expect(JSON.stringify(firewall)).toContain(JSON.stringify(rule).slice(1, -1));
  });

  it('that is open has no firewall, and one on a bridge of the host has nothing', () => {
    expect(requirements(`<forward mode='open'/>${ADDRESS}`).map((r) => r.type)).toEqual([
      'virtual-bridge',
      'ip-forwarding',
    ]);
    expect(requirements("<forward mode='bridge'/><bridge name='br0'/>")).toEqual([]);
  });

  it('is served by dnsmasq as it says', () => {
    const [, , , served] = requirements(`<forward/><domain name='example.test' localOnly='yes'/>
      <dns><forwarder addr='192.0.2.53'/><host ip='192.168.7.9'><hostname>nine</hostname></host></dns>
      <ip address='192.168.7.1' netmask='255.255.255.0'><tftp root='/srv/tftp'/><dhcp>
        <range start='192.168.7.2' end='192.168.7.254'/>
        <host mac='52:54:00:00:00:01' name='one' ip='192.168.7.5'/><bootp file='pxelinux.0' server='192.168.7.1'/></dhcp></ip>`);
    expect(served).toMatchObject({ type: 'dnsmasq', directory: '/run/n' });
    expect((served as DnsmasqRequirement).lines).toEqual([
      ...['no-hosts', 'strict-order', 'bind-dynamic', 'except-interface=lo', 'interface=virbr1'],
      ...['domain=example.test', 'expand-hosts', 'local=/example.test/', 'server=192.0.2.53'],
      ...['host-record=nine,192.168.7.9', 'dhcp-range=192.168.7.2,192.168.7.254,255.255.255.0'],
      ...['dhcp-no-override', 'dhcp-authoritative', 'dhcp-host=52:54:00:00:00:01,192.168.7.5,one'],
      ...['enable-tftp', 'tftp-root=/srv/tftp', 'dhcp-boot=pxelinux.0,,192.168.7.1'],
    ]);
  });

  it.each([
    ['<domain/>', 'virtual-network/not-a-network'],
    [
      "<network><name>n</name><forward mode='bridge'/></network>",
      'virtual-network/needs-bridge-or-interface',
    ],
    [
      "<network><name>n</name><forward mode='bridge'/><bridge name='br0'/><ip address='10.0.0.1'/></network>",
      'virtual-network/no-address-here',
    ],
    [
      "<network><name>n</name><forward mode='bridge'/><bridge name='br0'/><bandwidth><inbound average='1'/></bandwidth></network>",
      'virtual-network/no-bandwidth-here',
    ],
    ["<network><name>n</name><ip address='10.0.0.256'/></network>", 'virtual-network/bad-address'],
    [
      "<network><name>n</name><ip family='ipv6' address='10.0.0.1'/></network>",
      'virtual-network/bad-address',
    ],
    [
      "<network><name>n</name><bridge name='much-too-long-name'/></network>",
      'virtual-network/bad-bridge-name',
    ],
    [
      "<network><name>n</name><forward mode='hostdev'><pf dev='eth0'/></forward></network>",
      'virtual-network/functions-not-implemented',
    ],
  ])('%s is refused with its line', (xml, code) => {
    expect(codes(() => readNetwork(xml))).toEqual([[code, 1]]);
  });
});

describe('an interface with a floor', () => {
  const env = goldenEnvironment({});
  const shares = (network: string, floors: readonly number[]) => {
    const nics = floors.map(
      (floor) => `<interface type='network'><source network='lan'/><model type='virtio'/>
        <bandwidth><inbound floor='${floor}'/></bandwidth></interface>`,
    );
    const domain = `<domain type='kvm'><name>guest</name><memory>65536</memory><os><type arch='x86_64'>hvm</type></os>
      <devices>${nics.join('')}</devices></domain>`;
    const facts = {
      ...env.facts,
      networks: { lan: { definition: `<network><name>lan</name>${network}</network>` } },
    };
    return compile(domain, { ...env, facts }).host.flatMap((r) =>
      r.type === 'interface-setup' ? [r.share] : [],
    );
  };
  const own = "<bridge name='virbr0'/>";

  it('has it of what the network gives to all, with the machine’s others', () => {
    const inbound = "<bandwidth><inbound average='1000' peak='5000'/></bandwidth>";
    expect(shares(inbound + own, [200, 300])).toEqual([
      { bridge: 'virbr0', floor: 200, ofMachine: 500, average: 1000, peak: 5000 },
      { bridge: 'virbr0', floor: 300, ofMachine: 500, average: 1000, peak: 5000 },
    ]);
  });

  it('has none where the network shares nothing out', () => {
    expect(shares(own, [200])).toEqual([undefined]);
    expect(shares(`<forward mode='bridge'/>${own}`, [200])).toEqual([undefined]);
  });
});

describe('an interface on a network with portgroups', () => {
  const definition = `<network><name>lan</name><forward mode='bridge'/><bridge name='ovs0' macTableManager='kernel'/>
    <virtualport type='openvswitch'/><vlan><tag id='2'/></vlan><port isolated='no'/>
    <portgroup name='slow' default='yes'><vlan><tag id='7'/></vlan>
      <virtualport><parameters profileid='seven'/></virtualport><bandwidth><inbound average='100'/></bandwidth></portgroup>
    <portgroup name='fast' trustGuestRxFilters='yes'><bandwidth><inbound average='9000'/></bandwidth></portgroup></network>`;
  const env = goldenEnvironment({});
  const setup = (source: string, own = '') => {
    const domain = `<domain type='kvm'><name>guest</name><memory>65536</memory><os><type arch='x86_64'>hvm</type></os>
      <devices><interface type='network'><source network='lan'${source}/>${own}<model type='virtio'/></interface></devices></domain>`;
    const facts = { ...env.facts, networks: { lan: { definition } } };
    return compile(domain, { ...env, facts }).host.find((r) => r.type === 'interface-setup');
  };

  it('has what the default one says, then what the network says', () => {
    expect(setup('')).toMatchObject({
      bridge: 'ovs0',
      bandwidth: { inbound: { average: 100 } },
      vlan: { tag: [{ id: 7 }] },
      virtualPort: { type: 'openvswitch', parameters: { profileid: 'seven' } },
    });
  });

  it('has what the one that it names says, and before that its own', () => {
    expect(setup(" portgroup='fast'")).toMatchObject({
      bandwidth: { inbound: { average: 9000 } },
      vlan: { tag: [{ id: 2 }] },
      virtualPort: { type: 'openvswitch' },
    });
    const own = "<vlan><tag id='9'/></vlan><bandwidth><outbound average='1'/></bandwidth>";
    expect(setup('', own)).toMatchObject({
      bandwidth: { outbound: { average: 1 } },
      vlan: { tag: [{ id: 9 }] },
    });
  });

  it('is refused if the network has no such portgroup, or says something else of the port', () => {
    expect(codes(() => setup(" portgroup='none'"))).toEqual([['virtual-network/portgroup-unknown', 2]]);
    const other = "<virtualport type='openvswitch'><parameters profileid='eight'/></virtualport>";
    expect(codes(() => setup('', other))).toEqual([['virtual-network/port-contradiction', 2]]);
  });
});
