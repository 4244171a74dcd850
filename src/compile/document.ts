import type { ParsedDomain } from './domain.ts';
import { parse } from './phases/1-parse.ts';
import { Report } from './report.ts';

/** A domain that was read and not completed: what decides where it runs can be asked before that is known. */
export interface DomainDocument {
  readonly name: string | undefined;
  /** The QEMU binary that the domain asks for: whose capabilities `compile` needs. */
  readonly emulator: string | undefined;
  readonly uuid: string | undefined;
  readonly parsed: ParsedDomain;
  readonly report: Report;
}

/**
 * Reads domain XML.
 * @param file the input's name for messages
 * @throws QdomError with every error of shape and of single values
 */
export function readDomain(xml: string, file?: string): DomainDocument {
  const report = new Report();
  const parsed = parse(xml, file, report);
  return { name: parsed.name, emulator: parsed.devices.emulator, uuid: parsed.uuid, parsed, report };
}
