import type { SecretDefinition, SecretUsage, SecretUsageType } from '../../plan/index.ts';
import { parseXml, printXml, whereIs } from '../../xml/index.ts';
import {
  attribute,
  child,
  childText,
  element,
  oneOf,
  type Read,
  Reader,
  required,
  string,
  uuid,
  yesNo,
} from '../../xml/schema/index.ts';
import { Report } from '../report.ts';
import { secretXmlErrors } from './errors.ts';

const name = string({ nonEmpty: true });

/** Format: "Secret XML format". */
const schema = element(() => ({
  ephemeral: attribute(yesNo),
  private: attribute(yesNo),
  uuid: childText(uuid),
  description: childText(string()),
  usage: child(
    element(() => ({
      type: required(attribute(oneOf('volume', 'iscsi', 'ceph', 'tls', 'vtpm'))),
      volume: childText(name),
      name: childText(name),
      target: childText(name),
    })),
  ),
}));
type SecretXml = Read<typeof schema>;

/** The element that says for which thing of its kind a secret is. */
const NAMED_BY = {
  volume: 'volume',
  iscsi: 'target',
  ceph: 'name',
  tls: 'name',
  vtpm: 'name',
} as const satisfies Record<SecretUsageType, string>;

/**
 * Reads a `<secret>`.
 * @param newUuid for one that has none
 * @param report where warnings are put
 * @throws QdomError with every error of shape and of single values
 */
export function readSecret(
  text: string,
  newUuid: () => string,
  file?: string,
  report = new Report(),
): SecretDefinition {
  const root = parseXml(text, file);
  if (root.name !== 'secret') report.add(secretXmlErrors['not-a-secret'], { name: root.name }, root.where());
  report.end();
  const reader = new Reader();
  const xml = schema.read(root, reader);
  report.addAll(reader.diagnostics);
  const usage = xml.usage && usageOf(xml.usage, report);
  report.end();
  return {
    uuid: xml.uuid ?? newUuid(),
    ephemeral: xml.ephemeral ?? false,
    isPrivate: xml.private ?? false,
    ...(xml.description !== undefined && { description: xml.description }),
    ...(usage && { usage }),
  };
}

function usageOf(usage: NonNullable<SecretXml['usage']>, report: Report): SecretUsage | undefined {
  const { type } = usage;
  const known = NAMED_BY[type];
  if (known === undefined) return undefined;
  const given = (['volume', 'name', 'target'] as const).filter((key) => usage[key] !== undefined);
  if (given.length !== 1 || given[0] !== known)
    report.add(secretXmlErrors['usage-name'], { type, element: known }, whereIs(usage));
  return { type, name: usage[known] ?? '' };
}

/** The `<secret>` of a definition, as `virsh secret-dumpxml` prints it. */
export function printSecret({ uuid, ephemeral, isPrivate, description, usage }: SecretDefinition): string {
  const xml = {
    ephemeral,
    private: isPrivate,
    uuid,
    description,
    usage: usage && { type: usage.type, [NAMED_BY[usage.type]]: usage.name },
  };
  return printXml(schema.write(xml as SecretXml, 'secret'));
}
