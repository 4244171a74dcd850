import type { Domain, ParsedDomain } from '../domain.ts';

/** The ids of xAPIC have 8 bits, and the last one is for all: more vCPUs need x2APIC's, and devices that reach them. */
const MOST_XAPIC_VCPUS = 255;

/** Whether the domain can have more vCPUs than an interrupt without remapping can be sent to. */
export function hasManyVcpus(domain: ParsedDomain | Domain): boolean {
  return (domain.vcpu?.count ?? 1) > MOST_XAPIC_VCPUS;
}
