import type { DescriptorFile } from '../../../../plan/index.ts';

/** A file of a firmware and its format. */
interface FirmwareFile {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
}

/** One firmware of the host, as its descriptor says (QEMU's docs/interop/firmware.json). */
export interface Firmware {
  readonly interfaces: readonly string[];
  readonly targets: readonly { readonly architecture: string; readonly machines: readonly string[] }[];
  readonly features: ReadonlySet<string>;
  /** How it is mapped: in flash with its variables apart, together with them or without any; or as a ROM. */
  readonly mapping: 'split' | 'combined' | 'stateless' | 'memory';
  readonly executable: FirmwareFile;
  /** What a machine's own variable store starts as; only a split firmware has one. */
  readonly template?: FirmwareFile;
}

/** The firmwares that descriptors name, in their order; one that is none as the format says is left out. */
export function readFirmwares(files: readonly DescriptorFile[]): readonly Firmware[] {
  return files.flatMap(({ content }) => {
    const firmware = readFirmware(content);
    return firmware === undefined ? [] : [firmware];
  });
}

function readFirmware(content: unknown): Firmware | undefined {
  const { 'interface-types': interfaces, mapping, targets, features } = members(content);
  const where = readMapping(members(mapping));
  if (where === undefined || !Array.isArray(interfaces) || !Array.isArray(targets)) return undefined;
  return {
    interfaces: strings(interfaces),
    targets: targets.map((target) => {
      const { architecture, machines } = members(target);
      return { architecture: String(architecture), machines: strings(machines) };
    }),
    features: new Set(strings(features)),
    ...where,
  };
}

type Mapping = Pick<Firmware, 'mapping' | 'executable' | 'template'>;

function readMapping({ device, mode, filename, executable, ...rest }: Members): Mapping | undefined {
  if (device === 'memory')
    return typeof filename === 'string'
      ? { mapping: 'memory', executable: { path: filename, format: 'raw' } }
      : undefined;
  const code = readFile(executable);
  if (device !== 'flash' || code === undefined) return undefined;
  if (mode === 'combined' || mode === 'stateless') return { mapping: mode, executable: code };
  const template = readFile(rest['nvram-template']);
  return template === undefined ? undefined : { mapping: 'split', executable: code, template };
}

function readFile(value: unknown): FirmwareFile | undefined {
  const { filename, format } = members(value);
  if (typeof filename !== 'string' || (format !== 'raw' && format !== 'qcow2')) return undefined;
  return { path: filename, format };
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}
