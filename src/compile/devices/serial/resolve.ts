import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { resolveChardev } from '../../shared/chardev/index.ts';
import { serialErrors } from './errors.ts';
import { type Serial, TARGETS, targetType } from './model.ts';
import { ISA_PORTS, portOf, portProblem } from './ports.ts';
import type { SerialXml } from './schema.ts';

/** An ISA port unless said otherwise; the model follows from the type. */
export function resolveSerial(xml: SerialXml, cx: ResolveContext): Serial {
  const { target } = xml;
  const { serial: all } = cx.domain.devices;
  const type = targetType(xml);
  const model = target?.model ?? (type === 'system-serial' ? undefined : TARGETS[type].models[0]);
  const port = portOf(xml, all);
  const problem = portProblem(xml, port, all);
  if (problem !== undefined)
    cx.report.add(serialErrors[problem], { port, ports: ISA_PORTS }, whereIs(xml, 'target', '@port'));
  return { ...resolveChardev(xml, cx), target: { ...target, type, port, ...(model && { model }) } };
}
