/** Domain XML of the sizes that are measured. */

export function desktop(): string {
  return `<domain type='kvm'>
  <name>desktop</name>
  <uuid>0b9a7f64-6b3c-4a57-9b59-1f3f0f5a7c11</uuid>
  <memory unit='GiB'>8</memory>
  <vcpu>4</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><apic/></features>
  <cpu mode='custom' match='exact' check='none'><model>qemu64</model></cpu>
  <clock offset='utc'><timer name='rtc' tickpolicy='catchup'/><timer name='hpet' present='no'/></clock>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='/var/lib/images/desktop.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='user'><mac address='52:54:00:01:02:03'/><model type='virtio'/></interface>
    <serial type='pty'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <input type='tablet' bus='usb'/>
    <graphics type='vnc' port='5901' listen='127.0.0.1'/>
    <video><model type='virtio'/></video>
    <sound model='ich9'/>
    <watchdog model='itco' action='reset'/>
    <memballoon model='virtio'/>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>
`;
}

/** A q35 machine with `count` virtio disks; without PCI addresses beyond a bus each they sit behind root ports. */
export function withDisks(count: number): string {
  const disks = Array.from(
    { length: count },
    (_, i) => `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/images/disk-${i}.qcow2'/>
      <target dev='${diskName('sd', i)}' bus='scsi'/>
    </disk>`,
  );
  return `<domain type='kvm'>
  <name>disks</name>
  <uuid>0b9a7f64-6b3c-4a57-9b59-1f3f0f5a7c12</uuid>
  <memory unit='GiB'>1</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <controller type='scsi' index='0' model='virtio-scsi'/>
${disks.join('\n')}
  </devices>
</domain>
`;
}

/** `sda`, …, `sdz`, `sdaa`, …: letters counted without a zero. */
function diskName(prefix: string, index: number): string {
  let letters = '';
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1)
    letters = String.fromCharCode(97 + (rest % 26)) + letters;
  return prefix + letters;
}
