import type { Context } from '../../context.ts';
import type { ControllerXml } from '../../devices/controller/schema.ts';
import { deviceModule, type ParsedDomain } from '../../domain.ts';
import { insertController } from '../../shared/controller-list.ts';

/** The domain with more controllers: each is resolved as if it had been written, and takes its place in the list. */
export function addControllers(
  domain: ParsedDomain,
  added: readonly ControllerXml[],
  { env, report }: Context,
): ParsedDomain {
  const { resolve } = deviceModule('controller');
  let controllers = domain.devices.controller;
  const context = { env, report, domain };
  for (const xml of added) {
    const controller = resolve(xml, context) as (typeof controllers)[number];
    controllers = insertController(controllers, controller);
  }
  return { ...domain, devices: { ...domain.devices, controller: controllers } };
}
