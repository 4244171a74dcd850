import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { resolveChardev } from '../../shared/chardev/index.ts';
import { hasUnnumbered, portOf } from '../../shared/chardev/ports.ts';
import { serialErrors } from './errors.ts';
import { type Serial, TARGETS } from './model.ts';
import type { SerialXml } from './schema.ts';

/** An ISA port unless said otherwise; the model follows from the type, the port is the next free one. */
export function resolveSerial(xml: SerialXml, cx: ResolveContext): Serial {
  const { target } = xml;
  reportDuplicate(xml, cx);
  const type = target?.type ?? 'isa-serial';
  const model = target?.model ?? (type === 'system-serial' ? undefined : TARGETS[type].models[0]);
  return {
    ...resolveChardev(xml, cx),
    target: { ...target, type, port: portOf(xml, cx.domain.devices.serial), ...(model && { model }) },
  };
}

/** libvirt refuses the same number twice only where it has to give out numbers itself. */
function reportDuplicate(xml: SerialXml, cx: ResolveContext): void {
  const { serial: all } = cx.domain.devices;
  const port = xml.target?.port ?? -1;
  if (port < 0 || all.find((s) => s.target?.port === port) === xml) return;
  const rule = hasUnnumbered(all) ? 'duplicate-port' : 'shared-port';
  cx.report.add(serialErrors[rule], { port }, whereIs(xml, 'target', '@port'));
}
