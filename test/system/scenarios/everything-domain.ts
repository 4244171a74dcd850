import type { LinuxGuest } from '../../guest/linux.ts';

export const MACS = ['52:54:00:00:00:01', '52:54:00:00:00:02'] as const;

const SECRET = '11111111-2222-4333-8444-555555555555';

export const SECRET_XML = `<secret ephemeral='no' private='yes'>
  <uuid>${SECRET}</uuid>
  <usage type='volume'><volume>/disk.luks</volume></usage>
</secret>
`;

/** A domain with a part of everything that the host side does and that a guest can see. */
export function everythingDomain(
  guest: LinuxGuest & { readonly disk: string; readonly share: string; readonly memoryMiB: number },
): string {
  return `<domain type='qemu'>
  <name>everything</name>
  <memory unit='MiB'>${guest.memoryMiB}</memory>
  <memoryBacking>
    <hugepages/>
    <access mode='shared'/>
  </memoryBacking>
  <vcpu>2</vcpu>
  <cputune>
    <shares>512</shares>
    <vcpupin vcpu='0' cpuset='0'/>
    <vcpupin vcpu='1' cpuset='1'/>
  </cputune>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${guest.kernel}</kernel>
    <initrd>${guest.initrd}</initrd>
    <cmdline>console=ttyS0 quiet</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${guest.disk}'>
        <encryption format='luks'><secret type='passphrase' uuid='${SECRET}'/></encryption>
      </source>
      <target dev='vda' bus='virtio'/>
    </disk>
    <filesystem type='mount'>
      <driver type='virtiofs'/>
      <source dir='${guest.share}'/>
      <target dir='share'/>
    </filesystem>
    <interface type='bridge'>
      <mac address='${MACS[0]}'/>
      <source bridge='br0'/>
      <model type='virtio'/>
    </interface>
    <interface type='direct'>
      <mac address='${MACS[1]}'/>
      <source dev='eth-test' mode='bridge'/>
      <model type='virtio'/>
    </interface>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
    <serial type='pty'/>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
