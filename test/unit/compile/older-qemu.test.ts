import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import { printArgv, type QemuCaps } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

/** The words of the command line for a QEMU that lacks something. */
function argvOn(change: (caps: QemuCaps) => Partial<QemuCaps>, inside: string): readonly string[] {
  const env = goldenEnvironment({ profile: 'libvirt' });
  const xml = `<domain type='kvm'><name>guest</name><memory unit='MiB'>512</memory><vcpu>2</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>${inside}</domain>`;
  return printArgv(compile(xml, { ...env, caps: { ...env.caps, ...change(env.caps) } }).options);
}

describe('a QEMU that is older than the option', () => {
  const hpet = `<clock offset='utc'><timer name='hpet' present='no'/></clock>`;

  it('has -no-hpet for machine hpet=off', () => {
    const { machine = {}, ...options } = goldenEnvironment({}).caps.options;
    const { hpet: _, ...older } = machine;
    const argv = argvOn(() => ({ options: { ...options, machine: older } }), hpet);
    expect(argv).toContain('-no-hpet');
    expect(argv.join(' ')).not.toContain('hpet=');
    expect(argvOn(() => ({}), hpet)).not.toContain('-no-hpet');
  });

  it('has no clusters in -smp where vCPUs have no cluster-id', () => {
    const topology = `<cpu><topology sockets='1' cores='2' threads='1'/></cpu>`;
    const smp = (argv: readonly string[]) => argv[argv.indexOf('-smp') + 1];
    expect(smp(argvOn(() => ({}), topology))).toContain('clusters=1');
    expect(smp(argvOn(() => ({ schema: {} }), topology))).toBe('2,sockets=1,dies=1,cores=2,threads=1');
  });

  it('takes network back ends as lists of keys', () => {
    const devices = `<devices><interface type='user'><model type='virtio'/>
        <ip family='ipv4' address='172.17.2.0' prefix='24'/></interface>
      <channel type='pty'><target type='guestfwd' address='10.0.2.1' port='4600'/></channel></devices>`;
    const argv = argvOn(() => ({ schema: {} }), devices);
    expect(argv.filter((_, i) => argv[i - 1] === '-netdev')).toEqual([
      'user,net=172.17.2.0/24,id=hostnet0',
      'user,guestfwd=tcp:10.0.2.1:4600-chardev:charchannel0,id=channel0',
    ]);
  });

  it('refuses more than one cluster there', () => {
    const topology = `<cpu><topology sockets='1' clusters='2' cores='1' threads='1'/></cpu>`;
    const codes = () => {
      try {
        argvOn(() => ({ schema: {} }), topology);
        return [];
      } catch (error) {
        if (error instanceof QdomError) return error.diagnostics.map((d) => d.code);
        throw error;
      }
    };
    expect(codes()).toContain('cpu/clusters-unavailable');
    expect(argvOn(() => ({}), topology).join(' ')).toContain('clusters=2');
  });
});
