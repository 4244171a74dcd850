import type { XmlElement } from '../../xml/index.ts';
import type { Context } from '../context.ts';
import { compileErrors } from '../errors.ts';

/** Reports every child of a name but the first, where a second one is a contradiction and not just ignored. */
export function refuseRepeated(parent: XmlElement | undefined, name: string, cx: Context): void {
  const [, ...others] = parent?.children.filter((child) => child.name === name) ?? [];
  for (const other of others)
    cx.report.add(compileErrors['repeated-element'], { name, parent: parent?.name ?? '' }, other.where());
}
