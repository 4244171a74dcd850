import { numberFdSets } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Context, concatEmissions, type Emission, type EmitContext, located } from '../../context.ts';
import { emitCardReaders, emitControllers } from '../../devices/controller/emit.ts';
import { floppyController } from '../../devices/disk/floppy.ts';
import { managedReservations } from '../../devices/disk/reservations.ts';
import { withSharesTogether } from '../../devices/interface/host.ts';
import { emitAssignedInterface } from '../../devices/interface/index.ts';
import { panicCpuProperties } from '../../devices/panic/index.ts';
import { watchdogOptions } from '../../devices/watchdog/index.ts';
import { type DeviceKind, type Domain, deviceModule } from '../../domain.ts';
import * as frame from '../../frame/index.ts';
import * as clock from '../../sections/clock/index.ts';
import { cpuOption } from '../../sections/cpu/index.ts';
import { numaOptions } from '../../sections/cpu/numa/emit.ts';
import * as features from '../../sections/features/index.ts';
import { generationId } from '../../sections/general/index.ts';
import { iothreadOptions } from '../../sections/iothreads/emit.ts';
import { confidentialGuest, launchSecurityObject } from '../../sections/launch-security/index.ts';
import { memoryOptions, overcommitOption } from '../../sections/memory/emit.ts';
import * as os from '../../sections/os/index.ts';
import { sleepStateOptions } from '../../sections/pm/index.ts';
import * as qemu from '../../sections/qemu-namespace/index.ts';
import { fwCfgOptions, smbiosOptions } from '../../sections/sysinfo/index.ts';
import { throttleGroupObjects } from '../../sections/throttlegroups/index.ts';
import { smpOption } from '../../sections/vcpu/emit.ts';
import { withDeviceAccess } from '../../shared/device-access.ts';
import { withHugepagesTogether, withMemoryTogether } from '../../shared/memory-backend.ts';
import { keepsMemory } from './assigned-memory.ts';
import { deviceForm } from './device-form.ts';
import { machineOption, memoryOfMachine, usbOfMachine } from './machine.ts';
import { processOfQemu, withUser } from './process.ts';
import { hostTuning } from './tuning.ts';

/** One part of the command line. */
type Emitter = (cx: EmitContext) => Emission;

/** The whole command line, in libvirt's order, on one screen: what stands before `-machine`, … */
const BEFORE_MACHINE: readonly Emitter[] = [
  frame.nameOption,
  qemu.compatOption,
  frame.pausedOption,
  frame.masterKeyObject,
  managedReservations,
  os.pflashNodes,
];

/** … and what stands after it. Either part may add to `-machine`. */
const AFTER_MACHINE: readonly Emitter[] = [
  usbOfMachine,
  features.machineFeatures,
  memoryOfMachine,
  os.serialConsoleOfBios,
  clock.hpetOfMachine,
  confidentialGuest,
  features.acpiOfMachine,
  features.acceleratorOption,
  features.tsegOption,
  cpuOption(clock.timerCpuProperties, features.featureCpuProperties, panicCpuProperties),
  os.biosOption,
  os.securePflashOption,
  memoryOptions,
  overcommitOption,
  smpOption,
  hostTuning,
  processOfQemu,
  iothreadOptions,
  numaOptions,
  throttleGroupObjects,
  frame.uuidOption,
  smbiosOptions,
  fwCfgOptions,
  generationId,
  frame.displayNoneOption,
  frame.bareMachine,
  frame.monitorOptions,
  clock.rtcOption,
  clock.timezoneOfQemu,
  clock.pitOption,
  clock.noHpetOption,
  frame.noShutdownOption,
  features.noAcpiOption,
  sleepStateOptions,
  os.bootOption,
  os.kernelOptions,
  os.acpiTableOptions,
  devicesOf('iommu'),
  emitControllers,
  devicesOf('memory'),
  devicesOf('hub'),
  emitCardReaders,
  floppyController,
  devicesOf('disk'),
  devicesOf('filesystem'),
  devicesOf('interface'),
  devicesOf('smartcard'),
  devicesOf('serial'),
  devicesOf('parallel'),
  devicesOf('channel'),
  devicesOf('console'),
  devicesOf('tpm'),
  devicesOf('input'),
  devicesOf('audio'),
  devicesOf('graphics'),
  frame.incomingOption,
  devicesOf('video'),
  devicesOf('sound'),
  devicesOf('watchdog'),
  watchdogOptions,
  devicesOf('redirdev'),
  assignedInterfaces,
  devicesOf('hostdev'),
  devicesOf('memballoon'),
  devicesOf('rng'),
  devicesOf('nvram'),
  features.vmcoreinfoDevice,
  qemu.commandLineArguments,
  launchSecurityObject,
  frame.sandboxOption,
  devicesOf('panic'),
  devicesOf('shmem'),
  devicesOf('vsock'),
  devicesOf('crypto'),
  devicesOf('pstore'),
  features.runWithOption,
  frame.timestampOption,
];

/** What several parts of a domain take of one thing is asked for as a whole. */
function together(host: Required<Emission>['host'], cx: EmitContext) {
  const { memoryBacking } = cx.domain;
  return withMemoryTogether(withHugepagesTogether(withSharesTogether(host)), {
    locked: memoryBacking?.locked === true ? whereIs(memoryBacking, 'locked') : undefined,
    assigned: keepsMemory(cx),
    allocated: whereIs(memoryBacking, 'allocation'),
  });
}

/** The domain in QEMU's words. */
export function emit(domain: Domain, context: Context): Required<Emission> {
  const cx = { ...context, domain };
  const before = concatEmissions(BEFORE_MACHINE.map((emitter) => emitter(cx)));
  const after = concatEmissions(AFTER_MACHINE.map((emitter) => emitter(cx)));
  const machine = machineOption([...before.machine, ...after.machine], cx);
  const emission = concatEmissions([before, { options: [machine] }, after]);
  const options = deviceForm(qemu.overrideProperties(emission.options, cx), cx.env.caps);
  return {
    ...emission,
    host: withUser(withDeviceAccess(together(emission.host, cx), options, cx), cx),
    options: numberFdSets(options),
  };
}

/** NICs that are host devices stand with the host devices. */
function assignedInterfaces(cx: EmitContext): Emission {
  return concatEmissions(cx.domain.devices.interface.map((nic) => emitAssignedInterface(nic, cx)));
}

const NOTHING: Emission = { options: [] };

/** All devices of one kind, in their order in the domain. */
function devicesOf(kind: DeviceKind): Emitter {
  return (cx) => {
    const devices = cx.domain.devices[kind];
    if (devices.length === 0) return NOTHING;
    const module = deviceModule(kind);
    return concatEmissions(devices.map((device) => located(module.emit(device, cx), whereIs(device))));
  };
}
