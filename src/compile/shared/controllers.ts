import type { DeviceOf, Domain } from '../domain.ts';

type Controller = DeviceOf<'controller'>;
export type ControllerType = Controller['type'];

/**
 * The controller of a type with an index; of USB companions, which share their master's index, the master.
 * Constant time: the controllers of a domain are indexed once.
 */
export function findController<T extends Controller['type']>(
  domain: Domain,
  type: T,
  index: number,
): Extract<Controller, { readonly type: T }> | undefined {
  const { controller: all } = domain.devices;
  const known = byAddress.get(all) ?? indexOf(all);
  byAddress.set(all, known);
  return known.get(`${type} ${index}`) as Extract<Controller, { readonly type: T }> | undefined;
}

/** A memo and no state: the list of controllers never changes. */
const byAddress = new WeakMap<readonly Controller[], ReadonlyMap<string, Controller>>();

function indexOf(all: readonly Controller[]): ReadonlyMap<string, Controller> {
  const map = new Map<string, Controller>();
  for (const controller of all) {
    const key = `${controller.type} ${controller.index}`;
    const known = map.get(key);
    if (known === undefined || (isSlave(known) && !isSlave(controller))) map.set(key, controller);
  }
  return map;
}

function isSlave({ master }: Controller): boolean {
  return master !== undefined;
}
