import { audio } from './devices/audio/index.ts';
import { channel } from './devices/channel/index.ts';
import { console } from './devices/console/index.ts';
import { controllerModule } from './devices/controller/index.ts';
import { crypto } from './devices/crypto/index.ts';
import { disk } from './devices/disk/index.ts';

import { filesystem } from './devices/filesystem/index.ts';
import { graphics } from './devices/graphics/index.ts';
import { hostdev } from './devices/hostdev/index.ts';

import { hub } from './devices/hub/index.ts';
import { input } from './devices/input/index.ts';
import { networkInterface } from './devices/interface/index.ts';
import { iommu } from './devices/iommu/index.ts';
import { lease } from './devices/lease/index.ts';
import { memballoon } from './devices/memballoon/index.ts';
import { memory as memoryDevice } from './devices/memory/index.ts';
import { nvram } from './devices/nvram/index.ts';
import { panic } from './devices/panic/index.ts';
import { parallel } from './devices/parallel/index.ts';
import { pstore } from './devices/pstore/index.ts';
import { redirdev } from './devices/redirdev/index.ts';
import { redirfilter } from './devices/redirfilter/index.ts';
import { rng } from './devices/rng/index.ts';
import { serial } from './devices/serial/index.ts';
import { shmem } from './devices/shmem/index.ts';
import { smartcard } from './devices/smartcard/index.ts';
import { sound } from './devices/sound/index.ts';
import { tpm } from './devices/tpm/index.ts';
import { video } from './devices/video/index.ts';
import { vsock } from './devices/vsock/index.ts';
import { watchdog } from './devices/watchdog/index.ts';
import { blkiotune } from './sections/blkiotune/index.ts';

import { clock } from './sections/clock/index.ts';
import { cpu } from './sections/cpu/index.ts';
import { cputune } from './sections/cputune/index.ts';
import { features } from './sections/features/index.ts';
import * as general from './sections/general/index.ts';
import { idmap } from './sections/idmap/index.ts';
import * as iothreads from './sections/iothreads/index.ts';
import { keywrap } from './sections/keywrap/index.ts';
import { launchSecurity } from './sections/launch-security/index.ts';
import * as lifecycle from './sections/lifecycle/index.ts';
import * as memory from './sections/memory/index.ts';
import { memoryBacking } from './sections/memory-backing/index.ts';
import { memtune } from './sections/memtune/index.ts';
import { numatune } from './sections/numatune/index.ts';
import { bootloader, bootloaderArguments, os } from './sections/os/index.ts';
import { perf } from './sections/perf/index.ts';
import { pm } from './sections/pm/index.ts';
import * as qemu from './sections/qemu-namespace/index.ts';
import { resource } from './sections/resource/index.ts';
import { seclabel } from './sections/seclabel/index.ts';
import { sysinfo } from './sections/sysinfo/index.ts';
import { throttlegroups } from './sections/throttlegroups/index.ts';
import * as vcpu from './sections/vcpu/index.ts';

/**
 * Every element of a domain that prints before `<devices>`, in printing order; `phases/2-resolve` has the order in which they
 * are resolved.
 */
export const SECTIONS = {
  name: general.name,
  uuid: general.uuidSection,
  genid: general.genid,
  title: general.title,
  description: general.description,
  metadata: general.metadata,
  maxMemory: memory.maxMemory,
  memory: memory.memory,
  currentMemory: memory.currentMemory,
  blkiotune,
  memtune,
  memoryBacking,
  vcpu: vcpu.vcpu,
  vcpus: vcpu.vcpus,
  iothreads: iothreads.iothreads,
  iothreadids: iothreads.iothreadids,
  defaultiothread: iothreads.defaultiothread,
  throttlegroups,
  cputune,
  numatune,
  resource,
  bootloader,
  bootloader_args: bootloaderArguments,
  sysinfo,
  os,
  idmap,
  features,
  cpu,
  clock,
  on_poweroff: lifecycle.onPoweroff,
  on_reboot: lifecycle.onReboot,
  on_crash: lifecycle.onCrash,
  on_lockfailure: lifecycle.onLockFailure,
  pm,
  perf,
} as const;

/** The elements that print after `<devices>`. */
export const LAST_SECTIONS = {
  seclabel,
  keywrap,
  launchSecurity,
  'qemu:commandline': qemu.qemuCommandline,
  'qemu:capabilities': qemu.qemuCapabilities,
  'qemu:override': qemu.qemuOverride,
  'qemu:deprecation': qemu.qemuDeprecation,
} as const;

/** Every element under `<devices>` but `<emulator>`, in the order in which they print. */
export const DEVICES = {
  disk,
  controller: controllerModule,
  lease,
  filesystem,
  interface: networkInterface,
  smartcard,
  serial,
  parallel,
  console,
  channel,
  input,
  tpm,
  graphics,
  sound,
  audio,
  video,
  hostdev,
  redirdev,
  redirfilter,
  hub,
  watchdog,
  memballoon,
  rng,
  nvram,
  panic,
  shmem,
  memory: memoryDevice,
  crypto,
  iommu,
  vsock,
  pstore,
} as const;
