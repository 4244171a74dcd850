import type { HostRequirement } from '../../plan/index.ts';
import { cgroupStep } from './cgroup.ts';
import { dbusDaemonStep } from './dbus-daemon.ts';
import { deviceFdStep } from './device-fd.ts';
import { directoryStep } from './directory.ts';
import { dnsmasqStep } from './dnsmasq.ts';
import { fdGroupStep } from './fd-group.ts';
import { fileOwnerStep } from './file-owner.ts';
import { firewallTableStep } from './firewall-table.ts';
import { freeMemoryStep } from './free-memory.ts';
import { scsiUnitStep, vhostScsiTargetStep } from './host-device.ts';
import { hugepagesStep } from './hugepages.ts';
import { hugetlbfsStep } from './hugetlbfs.ts';
import { imageStep } from './image.ts';
import { imageChainStep } from './image-chain.ts';
import { interfaceSetupStep } from './interface-setup.ts';
import { ipForwardingStep } from './ip-forwarding.ts';
import { macvtapStep } from './macvtap.ts';
import { mediatedDeviceStep } from './mediated-device.ts';
import { nvramStep } from './nvram.ts';
import { outputFileStep } from './output-file.ts';
import { overlayStep } from './overlay.ts';
import { passtStep } from './passt.ts';
import { pciFunctionStep } from './pci-function.ts';
import { portStep } from './port.ts';
import { processLimitStep } from './process-limit.ts';
import { qemuSocketStep } from './qemu-socket.ts';
import { qemuUserStep } from './qemu-user.ts';
import { resctrlStep } from './resctrl.ts';
import { reservationsHelperStep } from './reservations-helper.ts';
import { secretFileStep } from './secret-file.ts';
import type { HostStep, StepRecord } from './step.ts';
import { swtpmStep } from './swtpm.ts';
import { tapStep } from './tap.ts';
import { unixListenerStep } from './unix-listener.ts';
import { usbDeviceStep } from './usb-device.ts';
import { vhostUserGpuStep } from './vhost-user-gpu.ts';
import { vhostUserSocketStep } from './vhost-user-socket.ts';
import { virtiofsdStep } from './virtiofsd.ts';
import { virtualBridgeStep } from './virtual-bridge.ts';
import { virtualFunctionStep } from './virtual-function.ts';

export type { HostStep, Made, StepDescription, StepRecord, UndoReason } from './step.ts';

type AnyStep = HostStep<HostRequirement, StepRecord>;

/** Every kind of step. A new kind of requirement does not compile until it is here. */
const STEPS: { readonly [T in HostRequirement['type']]: unknown } = {
  cgroup: cgroupStep,
  'device-fd': deviceFdStep,
  directory: directoryStep,
  'mediated-device': mediatedDeviceStep,
  'scsi-unit': scsiUnitStep,
  'usb-device': usbDeviceStep,
  'vhost-scsi-target': vhostScsiTargetStep,
  'free-memory': freeMemoryStep,
  hugepages: hugepagesStep,
  hugetlbfs: hugetlbfsStep,
  image: imageStep,
  'image-chain': imageChainStep,
  'interface-setup': interfaceSetupStep,
  macvtap: macvtapStep,
  nvram: nvramStep,
  'output-file': outputFileStep,
  passt: passtStep,
  port: portStep,
  'qemu-socket': qemuSocketStep,
  'virtual-bridge': virtualBridgeStep,
  'ip-forwarding': ipForwardingStep,
  'firewall-table': firewallTableStep,
  dnsmasq: dnsmasqStep,
  'vhost-user-socket': vhostUserSocketStep,
  'process-limit': processLimitStep,
  'pci-function': pciFunctionStep,
  'qemu-user': qemuUserStep,
  'file-owner': fileOwnerStep,
  swtpm: swtpmStep,
  'fd-group': fdGroupStep,
  overlay: overlayStep,
  'dbus-daemon': dbusDaemonStep,
  'reservations-helper': reservationsHelperStep,
  'secret-file': secretFileStep,
  virtiofsd: virtiofsdStep,
  resctrl: resctrlStep,
  tap: tapStep,
  'unix-listener': unixListenerStep,
  'vhost-user-gpu': vhostUserGpuStep,
  'virtual-function': virtualFunctionStep,
};

/** The names of all of them. */
export const STEP_TYPES: readonly string[] = Object.keys(STEPS);

/** The step for a requirement; undefined for a type that a newer journal names. */
export function stepOf(type: string): AnyStep | undefined {
  return Object.hasOwn(STEPS, type) ? (STEPS[type as HostRequirement['type']] as AnyStep) : undefined;
}
