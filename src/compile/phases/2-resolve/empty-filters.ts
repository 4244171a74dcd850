import type { ParsedDomain } from '../../domain.ts';

/** Without `<redirfilter>`s that have no rules: they filter nothing and do not print. */
export function withoutEmptyFilters(domain: ParsedDomain): ParsedDomain {
  const { devices } = domain;
  const redirfilter = devices.redirfilter.filter(({ usbdev }) => usbdev.length > 0);
  return redirfilter.length === devices.redirfilter.length
    ? domain
    : { ...domain, devices: { ...devices, redirfilter } };
}
