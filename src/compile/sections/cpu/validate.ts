import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { tellsClusters } from '../../shared/cpu-clusters.ts';
import { cpuErrors } from './errors.ts';
import { validateNuma } from './numa/validate.ts';
import type { Cpu } from './schema.ts';

const VENDOR_ID_LENGTH = 12;
const CACHE_LEVELS = 3;

export function validateCpu(cpu: Cpu, cx: ValidateContext): void {
  checkFeatures(cpu, cx);
  checkVendorId(cpu, cx);
  checkCache(cpu, cx);
  checkPhysicalAddress(cpu, cx);
  checkTopology(cpu, cx);
  validateNuma(cpu, cx);
  if (cpu.migratable !== undefined && !isHosts(cpu))
    cx.report.add(cpuErrors['migratable-without-host'], { mode: cpu.mode }, whereIs(cpu, '@migratable'));
}

/** The guest has the host's CPU, or all that QEMU can emulate. */
function isHosts(cpu: Cpu): boolean {
  return cpu.mode === 'host-passthrough' || cpu.mode === 'maximum';
}

function checkFeatures(cpu: Cpu, cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const { name, ...feature } of cpu.feature) {
    if (seen.has(name))
      cx.report.add(cpuErrors['repeated-feature'], { feature: name }, whereIs(feature, '@name'));
    seen.add(name);
  }
}

function checkVendorId(cpu: Cpu, cx: ValidateContext): void {
  const vendorId = cpu.model?.vendor_id;
  const where = whereIs(cpu, 'model', '@vendor_id');
  if (vendorId === undefined) return;
  if (vendorId.length !== VENDOR_ID_LENGTH) cx.report.add(cpuErrors['bad-vendor-id'], { vendorId }, where);
  else if (vendorId.includes(',')) cx.report.add(cpuErrors['comma-in-vendor-id'], { vendorId }, where);
}

/** QEMU can switch a level 3 cache, or pass the host's caches through as a whole. */
function checkCache({ cache, ...cpu }: Cpu, cx: ValidateContext): void {
  if (cache === undefined) return;
  const { level, mode } = cache;
  const where = whereIs(cache);
  if (level !== undefined && (level < 1 || level > CACHE_LEVELS))
    cx.report.add(cpuErrors['cache-level'], { level }, whereIs(cache, '@level'));
  else if (mode === 'emulate' && level !== CACHE_LEVELS)
    cx.report.add(cpuErrors['cache-emulation-level'], undefined, where);
  else if (mode !== 'emulate' && level !== undefined)
    cx.report.add(cpuErrors['cache-mode-without-level'], { mode, level }, where);
  else if (mode === 'passthrough' && !isHosts(cpu))
    cx.report.add(cpuErrors['cache-passthrough-without-host'], { mode: cpu.mode }, where);
}

function checkPhysicalAddress({ maxphysaddr }: Cpu, cx: ValidateContext): void {
  const { mode, bits, limit } = maxphysaddr ?? {};
  if (mode === 'passthrough' && bits !== undefined)
    cx.report.add(cpuErrors['phys-bits-of-passthrough'], { bits }, whereIs(maxphysaddr, '@bits'));
  if (mode === 'emulate' && limit !== undefined)
    cx.report.add(cpuErrors['phys-limit-of-emulation'], { limit }, whereIs(maxphysaddr, '@limit'));
}

function checkTopology({ topology }: Cpu, cx: ValidateContext): void {
  if (topology === undefined) return;
  const { sockets, dies = 1, clusters = 1, cores, threads } = topology;
  if (clusters > 1 && !tellsClusters(cx.env.caps))
    cx.report.add(cpuErrors['clusters-unavailable'], { clusters }, whereIs(topology, '@clusters'));
  const product = sockets * dies * clusters * cores * threads;
  const { count } = cx.domain.vcpu;
  if (product !== count) cx.report.add(cpuErrors['topology-mismatch'], { product, count }, whereIs(topology));
}
