import { describe, expect, it } from 'vitest';
import { compile, readDomain } from '../../../src/compile/index.ts';
import { readMediatedDevice } from '../../../src/compile/node-device/index.ts';
import { Report } from '../../../src/compile/report.ts';
import type { QdomError } from '../../../src/errors/index.ts';
import type { HostFacts } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const options = {
  newUuid: () => '00000000-0000-4000-8000-000000000000',
  sysfsName: (parent: string) => (parent === 'pci_0000_06_00_0' ? '0000:06:00.0' : parent),
};
const read = (capability: string, more = '<parent>pci_0000_06_00_0</parent>') =>
  readMediatedDevice(`<device>${more}<capability ${capability}</capability></device>`, options);

const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as QdomError).diagnostics.map(({ code }) => code).join();
  }
};

describe('the XML of a mediated device', () => {
  it('is read with its attributes in their order; without a UUID it gets one', () => {
    expect(
      read(
        `type='mdev'><type id='t'/><attr name='b' value='1'/><attr name='a/c' value=''/><attr name='b' value='2'/>`,
      ),
    ).toEqual({
      ...{ uuid: options.newUuid(), parent: '0000:06:00.0', type: 't' },
      attributes: [
        { name: 'b', value: '1' },
        { name: 'a/c', value: '' },
        { name: 'b', value: '2' },
      ],
    });
  });

  it('is read as nodedev-dumpxml prints it', () => {
    const told = `<name>mdev_x</name><path>/sys/devices/x</path><devnode type='dev'>/dev/vfio/5</devnode>
      <parent>pci_0000_06_00_0</parent><driver><name>vfio_mdev</name></driver>`;
    const uuid = '3FE5BD0C-ed39-4a0c-b9dd-7e1ac1c1d9b9';
    const found = read(
      `type='mdev'><type id='t'/><uuid>${uuid}</uuid><parent_addr>0000:06:00.0</parent_addr><iommuGroup number='5'/>`,
      told,
    );
    expect(found).toMatchObject({ uuid: uuid.toLowerCase(), parent: '0000:06:00.0' });
  });

  it('tells what it takes no notice of', () => {
    const report = new Report();
    const xml = `<device><parent>p</parent><capability type='mdev'><type id='t'/><size/></capability></device>`;
    readMediatedDevice(xml, { ...options, report });
    expect(report.warnings.map(({ code }) => code)).toEqual(['xml/unknown-element']);
  });

  it('may name its parent as sysfs does', () => {
    expect(read(`type='mdev'><type id='t'/><parent_addr>matrix</parent_addr>`, '').parent).toBe('matrix');
  });

  it.each([
    ['node-device-xml/not-a-device', () => readMediatedDevice('<domain/>', options)],
    ['node-device-xml/not-mediated', () => read("type='scsi_host'>")],
    ['node-device-xml/no-parent', () => read("type='mdev'><type id='t'/>", '')],
    [
      'node-device-xml/parent-differs',
      () => read("type='mdev'><type id='t'/><parent_addr>0000:07:00.0</parent_addr>"),
    ],
    ['xml/missing-element', () => read("type='mdev'>")],
    ['xml/missing-element', () => readMediatedDevice('<device/>', options)],
    ...['../x', '/x', 'a//b', '.'].map(
      (name) =>
        [
          'node-device-xml/bad-attribute-name',
          () => read(`type='mdev'><type id='t'/><attr name='${name}' value='1'/>`),
        ] as const,
    ),
  ] as const)('%s', (code, work) => {
    expect(codeOf(work)).toBe(code);
  });
});

describe('a domain with a mediated device', () => {
  const uuid = 'b3a1f0de-6d3c-4cf7-9a55-0f2c6f1d7c11';
  const xml = `<domain type='kvm'><name>g</name><memory>65536</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'>
      <source><address uuid='${uuid}'/></source></hostdev></devices></domain>`;
  const requirement = (known: HostFacts['mediatedDevices']) => {
    const env = goldenEnvironment({});
    const facts = { ...env.facts, ...(known && { mediatedDevices: known }) };
    return compile(readDomain(xml), { ...env, facts }).host.find(({ type }) => type === 'mediated-device');
  };

  it('asks for it as it is defined, where it is', () => {
    const definition = { uuid, parent: '0000:06:00.0', type: 't', attributes: [] };
    expect(requirement({ [uuid]: definition })).toMatchObject({ definition });
    expect(requirement({ other: definition })).not.toHaveProperty('definition');
  });
});
