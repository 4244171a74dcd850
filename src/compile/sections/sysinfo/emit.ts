import { type KeyValue, keysOption, type QemuOption } from '../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { type Block, type FwCfg, SMBIOS_KEYS, type SmbiosInfo, valuesOf } from './schema.ts';

/** `-smbios`: one option a structure, where `<os><smbios mode='sysinfo'/>` asks for them. */
export function smbiosOptions({ domain }: EmitContext): Emission {
  if (domain.os.smbios !== 'sysinfo') return emits();
  const info = domain.sysinfo.find((s): s is SmbiosInfo => s.type === 'smbios');
  if (info === undefined) return emits();
  return emits(
    structure(0, info.bios),
    structure(1, info.system),
    ...info.baseBoard.map((board) => structure(2, board)),
    structure(3, info.chassis),
    oemStrings(info.oemStrings?.entry ?? []),
  );
}

function structure(type: keyof typeof SMBIOS_KEYS, block: Block | undefined): QemuOption | undefined {
  const values = valuesOf(block);
  const keys = SMBIOS_KEYS[type].flatMap((name): KeyValue[] => {
    const value = values[name] ?? (isWritten(block) ? WITHOUT_VALUE[type]?.[name] : undefined);
    return value === undefined ? [] : [[name, value]];
  });
  return keys.length === 0 ? undefined : keysOption('-smbios', [['type', type], ...keys]);
}

/** A board and a chassis have a manufacturer of no name where none is written: QEMU's own would be `QEMU`. */
const WITHOUT_VALUE: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  2: { manufacturer: '' },
  3: { manufacturer: '' },
};

function isWritten(block: Block | undefined): boolean {
  return Object.values(valuesOf(block)).some((value) => value !== undefined);
}

function oemStrings(strings: readonly string[]): QemuOption | undefined {
  if (strings.length === 0) return undefined;
  return keysOption('-smbios', [['type', 11], ...strings.map((value) => ['value', value] as const)]);
}

/** `-fw_cfg`: blobs that the guest's firmware and kernel can read. */
export function fwCfgOptions({ domain }: EmitContext): Emission {
  const blobs = domain.sysinfo.filter((s): s is FwCfg => s.type === 'fwcfg').flatMap((s) => s.entry);
  return emits(
    ...blobs.map(({ name, file, value }) =>
      keysOption('-fw_cfg', [
        ['name', name],
        ['string', value],
        ['file', value === undefined ? file : undefined],
      ]),
    ),
  );
}
