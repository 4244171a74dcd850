import { whereIs } from '../../../xml/index.ts';
import { children, uuid as uuidCodec } from '../../../xml/schema/index.ts';
import type { ResolveContext, ValidateContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { sysinfoErrors } from './errors.ts';
import {
  type Block,
  type FwCfg,
  SMBIOS_KEYS,
  type SmbiosInfo,
  type Sysinfo,
  sysinfoSchema,
  valuesOf,
} from './schema.ts';

export const sysinfo: SectionModule<readonly Sysinfo[]> = {
  field: children(sysinfoSchema),
  resolve: (values, cx) => values.map((value) => (value.type === 'smbios' ? inOrder(value, cx) : value)),
  validate: (values, cx) => {
    for (const value of values) {
      if (value.type === 'smbios') validateSmbios(value, cx);
      else validateFwCfg(value, cx);
    }
    validateMode(values, cx);
  },
};

/** Entries print in the order in which QEMU has them, and those without a value not at all. */
function inOrder(info: SmbiosInfo, cx: ResolveContext): SmbiosInfo {
  const { bios, system, baseBoard, chassis } = info;
  return {
    ...info,
    ...(bios && { bios: sorted(0, bios, cx) }),
    ...(system && { system: sorted(1, system, cx) }),
    baseBoard: baseBoard.map((board) => sorted(2, board, cx)).filter((board) => board.entry.length > 0),
    ...(chassis && { chassis: sorted(3, chassis, cx) }),
  };
}

function sorted<B extends Block>(type: keyof typeof SMBIOS_KEYS, block: B, cx: ResolveContext): B {
  const known: readonly string[] = SMBIOS_KEYS[type];
  for (const unknown of block.entry.filter(({ name }) => !known.includes(name)))
    cx.report.add(sysinfoErrors['unknown-entry'], { name: unknown.name }, whereIs(unknown, '@name'));
  const entry = SMBIOS_KEYS[type].flatMap((name) => {
    const found = block.entry.find((e) => e.name === name && e.value !== undefined);
    const value = name === 'uuid' && found?.value !== undefined ? uuidCodec.read(found.value) : undefined;
    return found === undefined ? [] : [{ ...found, value: value ?? found.value }];
  });
  return { ...block, entry };
}

function validateMode(values: readonly Sysinfo[], cx: ValidateContext): void {
  const where = whereIs(cx.domain.os, 'smbios', '@mode');
  const { smbios } = cx.domain.os;
  if (smbios === 'host') cx.report.add(sysinfoErrors['no-host-smbios'], undefined, where);
  if (smbios === 'sysinfo' && !values.some((v) => v.type === 'smbios'))
    cx.report.add(sysinfoErrors['no-sysinfo'], undefined, where);
}

function validateSmbios(info: SmbiosInfo, cx: ValidateContext): void {
  if (info.baseBoard.length > 1 && cx.domain.os.smbios === 'sysinfo')
    cx.report.add(sysinfoErrors['several-boards'], undefined, whereIs(info.baseBoard[1]));
  const { date } = valuesOf(info.bios);
  if (date !== undefined && !isBiosDate(date))
    cx.report.add(sysinfoErrors['bad-date'], { date }, whereIs(info, 'bios'));
  const { uuid } = valuesOf(info.system);
  if (uuid === undefined) return;
  const where = whereIs(info, 'system');
  const read = uuidCodec.read(uuid);
  if (read === undefined) cx.report.add(sysinfoErrors['bad-uuid'], { uuid }, where);
  else if (read !== cx.domain.uuid)
    cx.report.add(sysinfoErrors['uuid-differs'], { uuid, domain: cx.domain.uuid }, where);
}

/** SMBIOS, structure 0: mm/dd/yyyy, or mm/dd/yy of the years from 1900; a zero in front may be left out. */
function isBiosDate(date: string): boolean {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d+)$/.exec(date) ?? [];
  if (month === undefined || day === undefined || year === undefined) return false;
  const years = Number(year);
  const isKnownYear = years < 100 || years >= 1900;
  return isKnownYear && Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
}

function validateFwCfg({ entry }: FwCfg, cx: ValidateContext): void {
  for (const blob of entry) {
    const { name } = blob;
    const where = whereIs(blob, '@name');
    if (!name.startsWith('opt/')) cx.report.add(sysinfoErrors['reserved-blob'], { name }, where);
    else if (/^opt\/(ovmf|org\.qemu)\//.test(name))
      cx.report.add(sysinfoErrors['blob-of-firmware'], { name }, where);
    if (blob.file === undefined && blob.value === undefined)
      cx.report.add(sysinfoErrors['empty-blob'], { name }, where);
  }
}

export { fwCfgOptions, smbiosOptions } from './emit.ts';
