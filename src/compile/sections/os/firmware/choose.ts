import type { LaunchSecurity } from '../../launch-security/schema.ts';
import type { OsXml } from '../schema.ts';
import type { Firmware } from './descriptor.ts';

/** What a domain asks of its firmware. */
export interface FirmwareWish {
  readonly os: OsXml;
  readonly arch: string;
  readonly machine: string;
  /** System Management Mode is written as off. */
  readonly smmIsOff: boolean;
  readonly launchSecurity?: LaunchSecurity | undefined;
}

/**
 * The first firmware that fits: descriptors stand in the order of preference of whoever installed them.
 * What the domain says of loader and NVRAM narrows the choice; what it leaves open is the firmware's.
 */
export function chooseFirmware(firmwares: readonly Firmware[], wish: FirmwareWish): Firmware | undefined {
  return firmwares.find((firmware) => RULES.every((fits) => fits(firmware, wish)));
}

type Rule = (firmware: Firmware, wish: FirmwareWish) => boolean;

/** Each says whether a firmware does not contradict one thing that the domain asks for. */
const RULES: readonly Rule[] = [
  isOfKind,
  isForMachine,
  hasLoader,
  hasMapping,
  hasFormat,
  hasTemplate,
  hasFeatures,
  isAsSecure,
  runsWithoutSmm,
  protectsMemory,
];

function isOfKind({ interfaces }: Firmware, { os }: FirmwareWish): boolean {
  if (os.firmware !== undefined) return interfaces.includes(os.firmware === 'efi' ? 'uefi' : 'bios');
  // A loader given by its path is compared with UEFI firmwares only: that is where more than a path is needed.
  return interfaces.includes('uefi');
}

/** QEMU's architecture names, where libvirt's differ. */
const ARCHITECTURE: Readonly<Record<string, string>> = { i686: 'i386' };

function isForMachine({ targets }: Firmware, { arch, machine }: FirmwareWish): boolean {
  return targets.some(
    (target) =>
      target.architecture === (ARCHITECTURE[arch] ?? arch) &&
      target.machines.some((pattern) => matchesGlob(machine, pattern)),
  );
}

/** `*` stands for anything, `?` for one character (firmware.json: FirmwareTarget). */
function matchesGlob(name: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

function hasLoader({ executable }: Firmware, { os: { loader } }: FirmwareWish): boolean {
  return loader?.path === undefined || loader.path === executable.path;
}

function hasMapping({ mapping }: Firmware, { os: { loader } }: FirmwareWish): boolean {
  const { type, stateless, readonly } = loader ?? {};
  switch (mapping) {
    case 'memory':
      return type !== 'pflash' && readonly !== false;
    case 'stateless':
      return type !== 'rom' && readonly !== false && stateless === true;
    case 'split':
      return type !== 'rom' && readonly !== false && stateless !== true;
    default:
      // libvirt has no way to say that code and variables are in one file.
      return false;
  }
}

/** A ROM is what it is; the variable store's format follows the template's. */
function hasFormat({ mapping, executable }: Firmware, { os: { loader } }: FirmwareWish): boolean {
  return mapping === 'memory' || loader?.format === undefined || loader.format === executable.format;
}

function hasTemplate({ mapping, template }: Firmware, { os: { nvram } }: FirmwareWish): boolean {
  return mapping !== 'split' || nvram?.template === undefined || nvram.template === template?.path;
}

function hasFeatures({ features }: Firmware, { os: { firmwareFeatures } }: FirmwareWish): boolean {
  const wished = new Map((firmwareFeatures?.feature ?? []).map(({ name, enabled }) => [name, enabled]));
  return [...wished].every(([name, enabled]) => features.has(name) === enabled);
}

function isAsSecure({ features }: Firmware, { os: { loader } }: FirmwareWish): boolean {
  if (loader?.secure === undefined) return true;
  return features.has('requires-smm') === loader.secure && (features.has('secure-boot') || !loader.secure);
}

function runsWithoutSmm({ features }: Firmware, { smmIsOff }: FirmwareWish): boolean {
  return !(smmIsOff && features.has('requires-smm'));
}

/** SEV policy: encrypted register state, SEV-ES, is required. */
const SEV_ES = 4n;

function protectsMemory({ features }: Firmware, { launchSecurity }: FirmwareWish): boolean {
  switch (launchSecurity?.type) {
    case 'sev':
      return (
        features.has('amd-sev') && ((launchSecurity.policy & SEV_ES) === 0n || features.has('amd-sev-es'))
      );
    case 'sev-snp':
      return features.has('amd-sev-snp');
    case 'tdx':
      return features.has('intel-tdx');
    default:
      return true;
  }
}
