import { describe, expect, it } from 'vitest';
import { nodeDeviceXml } from '../../../src/cli/node-device-xml.ts';
import { nodeDevices } from '../../../src/host/node-devices/index.ts';
import { functionAddress, nodeDeviceName } from '../../../src/host/pci/names.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const PF = '0000:06:00.0';
const VF = '0000:06:10.1';

function host(): FakeHost {
  const types = `/sys/class/mdev_bus/${PF}/mdev_supported_types`;
  const made = new FakeHost({
    '/usr/share/misc/pci.ids':
      '# a list\n8086  Intel Corporation\n\t10c9  82576 NIC\n\t\t8086 a  part\n8087  None\n',
    '/sys/bus/usb/devices/1-1.2/idVendor': '046d\n',
    '/sys/bus/usb/devices/1-1.2/idProduct': 'c52b\n',
    '/sys/bus/usb/devices/1-1.2/busnum': '1\n',
    '/sys/bus/usb/devices/1-1.2/devnum': '7\n',
    '/sys/bus/usb/devices/1-1.2:1.0/bInterfaceClass': '03\n',
    '/sys/class/scsi_host/host2/unique_id': '5\n',
    '/sys/bus/scsi/devices/2:0:0:3/scsi_generic/sg1': null,
    '/sys/bus/scsi/devices/target2:0:0': null,
    '/sys/class/block/sda/device/model': 'A disk\n',
    '/sys/class/block/sda/size': '2048\n',
    '/sys/class/block/sda1/size': '2000\n',
    '/sys/bus/mdev/devices/4b20d080-1b54-4048-85b3-a6a62d165c01': null,
    [`${types}/nvidia-63/available_instances`]: '3\n',
    [`${types}/nvidia-63/device_api`]: 'vfio-pci\n',
    [`${types}/nvidia-63/name`]: 'GRID\n',
  });
  made.pci.add(PF, {
    ...{ group: '8', driver: 'igb' },
    files: {
      ...{ vendor: '0x8086\n', device: '0x10c9\n', sriov_totalvfs: '7\n', numa_node: '1\n' },
      ...{ max_link_speed: '5.0 GT/s PCIe\n', max_link_width: '4\n' },
      ...{ current_link_speed: '2.5 GT/s PCIe\n', current_link_width: '1\n' },
    },
  });
  made.pci.add(VF, { group: '9', virtual: { of: PF, number: 0 }, files: { numa_node: '-1\n' } });
  return made;
}

const named = (name: string) => {
  const found = nodeDevices(host()).find((device) => device.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

describe('the devices of a host', () => {
  it('have libvirt’s names', () => {
    expect(nodeDevices(host()).map(({ name }) => name)).toEqual([
      ...['computer', 'block_sda', 'mdev_4b20d080_1b54_4048_85b3_a6a62d165c01', 'pci_0000_06_00_0'],
      ...['pci_0000_06_10_1', 'scsi_2_0_0_3', 'scsi_host2', 'usb_1_1_2'],
    ]);
  });

  it('a PCI function is told of as virsh tells it', () => {
    expect(nodeDeviceXml(named('pci_0000_06_00_0'))).toBe(`<device>
  <name>pci_0000_06_00_0</name>
  <path>/sys/bus/pci/devices/0000:06:00.0</path>
  <parent>computer</parent>
  <driver>
    <name>igb</name>
  </driver>
  <capability type='pci'>
    <class>0x020000</class>
    <domain>0</domain>
    <bus>6</bus>
    <slot>0</slot>
    <function>0</function>
    <product id='0x10c9'>82576 NIC</product>
    <vendor id='0x8086'>Intel Corporation</vendor>
    <capability type='virt_functions' maxCount='7'>
      <address domain='0x0000' bus='0x06' slot='0x10' function='0x1'/>
    </capability>
    <capability type='mdev_types'>
      <type id='nvidia-63'>
        <name>GRID</name>
        <deviceAPI>vfio-pci</deviceAPI>
        <availableInstances>3</availableInstances>
      </type>
    </capability>
    <iommuGroup number='8'>
      <address domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>
    </iommuGroup>
    <numa node='1'/>
    <pci-express>
      <link validity='cap' speed='5.0' width='4'/>
      <link validity='sta' speed='2.5' width='1'/>
    </pci-express>
  </capability>
</device>
`);
  });

  it('a virtual function names its physical one', () => {
    expect(nodeDeviceXml(named('pci_0000_06_10_1'))).toContain(`<capability type='phys_function'>
      <address domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>`);
  });

  it('others are told of by what finds them', () => {
    expect(named('usb_1_1_2').capability).toMatchObject({ bus: 1, device: 7, vendor: { id: '0x046d' } });
    expect(named('scsi_2_0_0_3').capability).toMatchObject({ host: 2, lun: 3, generic: '/dev/sg1' });
    expect(named('block_sda').capability).toMatchObject({ block: '/dev/sda', sizeBytes: 1048576 });
    for (const device of nodeDevices(host())) expect(nodeDeviceXml(device)).toContain(device.name);
  });
});

describe('the name of a PCI function', () => {
  it.each(['pci_0000_06_10_1', '0000:06:10.1', '06:10.1', '0000:06:10.1'])('%s', (name) => {
    expect(functionAddress(name)).toBe(VF);
    expect(nodeDeviceName(VF)).toBe('pci_0000_06_10_1');
  });

  it.each(['net_eth0', '06:10', 'pci_0000_06_10_9', ''])('%s is none', (name) => {
    expect(functionAddress(name)).toBeUndefined();
  });
});
