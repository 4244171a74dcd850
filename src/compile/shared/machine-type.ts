import { findMachine, type MachineInfo } from '../../plan/index.ts';
import type { Context } from '../context.ts';
import type { Domain, ParsedDomain } from '../domain.ts';
import { machineOf } from './machine.ts';

/** What QEMU says of the domain's machine type; undefined if it has none of that name. */
export function machineInfo(domain: ParsedDomain | Domain, { env }: Context): MachineInfo | undefined {
  return findMachine(env.caps, domain.type === 'kvm' ? 'kvm' : 'tcg', machineOf(domain));
}
