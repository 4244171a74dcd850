import type { CompileEnv } from '../../../plan/index.ts';
import type { Domain, ParsedDomain } from '../../domain.ts';
import { alignUp } from '../../shared/size.ts';

/** QEMU's machines for x86_64 take RAM in steps of 1 MiB here, so that it fits any page that may back it. */
const RAM_STEP_KIB = 1024;

/** All NUMA cells together; 0 without cells. */
export function cellsKiB(domain: Pick<ParsedDomain | Domain, 'cpu'>): number {
  return (domain.cpu?.numa?.cell ?? []).reduce((sum, cell) => sum + cell.sizeKiB, 0);
}

/** All memory devices together, as they are written. */
export function devicesKiB(domain: Pick<ParsedDomain, 'devices'> | Pick<Domain, 'devices'>): number {
  return domain.devices.memory.reduce((sum, device) => sum + device.target.size.sizeKiB, 0);
}

/** A machine that waits for a migration keeps the sizes of its sender, aligned or not. */
function isAligned(env: CompileEnv): boolean {
  return env.incoming === undefined;
}

/** One NUMA cell's RAM in QEMU. */
export function cellRamKiB(sizeKiB: number, env: CompileEnv): number {
  return isAligned(env) ? alignUp(sizeKiB, RAM_STEP_KIB) : sizeKiB;
}

/** The RAM that the machine starts with, in QEMU: without memory devices. */
export function ramKiB(domain: Domain, env: CompileEnv): number {
  const writtenKiB = domain.memory.sizeKiB - devicesKiB(domain);
  if (!isAligned(env)) return writtenKiB;
  const cells = domain.cpu.numa?.cell ?? [];
  if (cellsKiB(domain) > 0) return cells.reduce((sum, cell) => sum + cellRamKiB(cell.sizeKiB, env), 0);
  return alignUp(writtenKiB, RAM_STEP_KIB);
}

/** The most RAM that the machine can have, in QEMU. */
export function maximumKiB(sizeKiB: number, env: CompileEnv): number {
  return isAligned(env) ? alignUp(sizeKiB, RAM_STEP_KIB) : wholeMiBInKiB(sizeKiB);
}

/** `-m` takes whole MiB; what is below is not given. */
export function wholeMiBInKiB(sizeKiB: number): number {
  return Math.floor(sizeKiB / 1024) * 1024;
}
