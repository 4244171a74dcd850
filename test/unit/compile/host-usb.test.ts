import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const usbDevices = [
  { bus: 1, device: 2, vendor: 0x1234, product: 0x5678, port: '1.2' },
  { bus: 1, device: 7, vendor: 0x1234, product: 0x5678, port: '1.3' },
];

function planned(source: string, policy = '', incoming?: string) {
  const env = goldenEnvironment(incoming === undefined ? {} : { incoming });
  return compile(
    `<domain type='kvm'><name>guest</name><memory>65536</memory><os><type machine='q35'>hvm</type></os><devices>
      <hostdev mode='subsystem' type='usb'><source ${policy}>${source}</source></hostdev></devices></domain>`,
    { ...env, facts: { ...env.facts, usbDevices } },
  );
}

describe('a USB device of the host', () => {
  it('is found by the port that it is plugged into', () => {
    expect(planned("<address bus='1' port='1.3'/>").host).toMatchObject([{ path: '/dev/bus/usb/001/007' }]);
    expect(() => planned("<address bus='1' port='4'/>")).toThrow("no USB device '1-4'");
  });

  it('by number that is not there is for the start to complain of', () => {
    expect(planned("<address bus='1' device='9'/>").host).toMatchObject([{ path: '/dev/bus/usb/001/009' }]);
  });

  it('by number that is not there is left out if it is optional', () => {
    const plan = planned("<address bus='1' device='9'/>", "startupPolicy='optional'");
    expect(plan.host).toEqual([]);
    expect(plan.warnings.map((w) => w.code)).toContain('hostdev/usb-device-left-out');
  });

  it.each(["<address bus='1' device='9'/>", "<vendor id='1'/><product id='2'/>"])(
    'that is requisite may be missing where the machine comes by migration, and not at a boot: %s',
    (source) => {
      const requisite = "startupPolicy='requisite'";
      const plan = planned(source, requisite, 'defer');
      expect(plan.host).toEqual([]);
      expect(plan.warnings.map((w) => w.code)).toContain('hostdev/usb-device-left-out');
      expect(() => planned("<vendor id='1'/><product id='2'/>", requisite)).toThrow('has no USB device');
    },
  );

  it('by its ids is refused where there are two', () => {
    expect(() => planned("<vendor id='0x1234'/><product id='0x5678'/>")).toThrow('several USB devices');
  });
});
