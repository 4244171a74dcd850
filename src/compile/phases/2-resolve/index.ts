import type { Context } from '../../context.ts';
import {
  DEVICE_KINDS,
  deviceModule,
  type ParsedDomain,
  SECTION_ENTRIES,
  type SectionName,
} from '../../domain.ts';
import { changed } from '../../shared/changed.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import { orderDisks } from './disk-order.ts';
import { withoutEmptyFilters } from './empty-filters.ts';
import { addImpliedDevices } from './implied.ts';
import { joinThrottleGroups } from './throttle-groups.ts';

/** Sections that others look at are resolved first; the rest follow in printing order. */
const FIRST_SECTIONS: readonly SectionName[] = ['os', 'features', 'vcpu', 'cpu'];

const SECTION_MODULES = new Map(SECTION_ENTRIES);
const SECTION_ORDER: readonly SectionName[] = [...new Set([...FIRST_SECTIONS, ...SECTION_MODULES.keys()])];

/** Fills in what the XML leaves open: sections, then the devices that are implied, then every device. */
export function resolve(parsed: ParsedDomain, cx: Context): ParsedDomain {
  const domain = resolveSections(withoutEmptyFilters(parsed), cx);
  return orderDisks(joinThrottleGroups(resolveDevices(addImpliedDevices(domain, cx), cx)));
}

function resolveSections(parsed: ParsedDomain, { env, report }: Context): ParsedDomain {
  let domain = parsed;
  for (const name of SECTION_ORDER) {
    const module = SECTION_MODULES.get(name);
    if (module?.resolve === undefined) continue;
    const value = module.resolve(domain[name], { env, report, domain });
    if (value !== domain[name]) domain = changed(domain, { [name]: value }) as ParsedDomain;
  }
  return domain;
}

function resolveDevices(implied: ParsedDomain, { env, report }: Context): ParsedDomain {
  let domain = implied;
  for (const kind of DEVICE_KINDS) {
    const written = domain.devices[kind] as readonly DeviceBase[];
    if (written.length === 0) continue;
    const module = deviceModule(kind);
    const context = { env, report, domain };
    const devices = written.map((device) => module.resolve(device, context));
    domain = changed(domain, { devices: changed(domain.devices, { [kind]: devices }) });
  }
  return domain;
}
