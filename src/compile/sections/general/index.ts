import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { child, childText, element, type Read, string, text, uuid } from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits, type ResolveContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { generalErrors } from './errors.ts';

/** Format: "General metadata". */

export const name: SectionModule<string | undefined, string> = {
  field: childText(string()),
  resolve: (value, cx) => {
    if (value === undefined) cx.report.add(generalErrors['missing-name'], undefined, whereIs(cx.domain));
    return value ?? '';
  },
  validate: (value, cx) => {
    const where = whereIs(cx.domain, 'name');
    if (value.includes('/')) cx.report.add(generalErrors['name-with-slash'], { name: value }, where);
    if (value.includes('\n')) cx.report.add(generalErrors['name-with-newline'], { name: value }, where);
  },
};

export const uuidSection: SectionModule<string | undefined, string> = {
  field: childText(uuid),
  resolve: (value, cx) => value ?? uuidOfSysinfo(cx) ?? cx.env.uuid,
};

/** A machine that says its UUID to the guest's firmware only has that one: the two cannot differ. */
function uuidOfSysinfo({ domain }: ResolveContext): string | undefined {
  const blocks = (domain.sysinfo ?? []).map((info) => (info.type === 'smbios' ? info.system : undefined));
  const written = blocks.flatMap((block) => block?.entry ?? []).find(({ name }) => name === 'uuid')?.value;
  return written === undefined ? undefined : uuid.read(written);
}

const genidSchema = element(() => ({ uuid: text(uuid) }));
export const genid: SectionModule<Read<typeof genidSchema> | undefined> = {
  field: child(genidSchema, { keepEmpty: true }),
  resolve: (value, { domain, env }) =>
    value === undefined ? undefined : { ...value, uuid: value.uuid ?? freshUuid(domain.uuid, env.uuid) },
};

/** A UUID that the environment gives and the domain itself has not got. */
function freshUuid(taken: string | undefined, fresh: string): string {
  if (taken !== fresh) return fresh;
  return fresh.replace(/[0-9a-f]{12}$/, (digits) => [...digits].reverse().join(''));
}

/** The device by which a guest sees that it was copied or taken back to an earlier state. */
export function generationId({ domain }: EmitContext): Emission {
  const guid = domain.genid?.uuid;
  if (guid === undefined) return emits();
  return emits(jsonOption('-device', { driver: 'vmgenid', guid, id: 'vmgenid0' }));
}

export const title: SectionModule<string | undefined> = {
  field: childText(string()),
  validate: (value, cx) => {
    if (value?.includes('\n'))
      cx.report.add(generalErrors['title-with-newline'], undefined, whereIs(cx.domain, 'title'));
  },
};

export const description: SectionModule<string | undefined> = { field: childText(string()) };

export { metadata } from './metadata.ts';
