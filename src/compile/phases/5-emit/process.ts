import type { HostRequirement, LimitedResource, ProcessLimitRequirement } from '../../../plan/index.ts';
import { type Where, whereIs } from '../../../xml/index.ts';
import { concatEmissions, type Emission, type EmitContext, fromPlace, located } from '../../context.ts';
import { type DacLabel, readDacLabel } from '../../shared/dac-label.ts';
import { memoryOfAssigned } from './assigned-memory.ts';

/** What the domain and the configuration ask of QEMU's own process: its command line has nothing of it. */
export function processOfQemu(cx: EmitContext): Emission {
  return concatEmissions([lockedMemory(cx), memoryOfAssigned(cx), coreDumps(cx), configuredLimits(cx)]);
}

interface User extends DacLabel {
  /** Files that QEMU opens become its. */
  readonly relabel: boolean;
  readonly where: Where;
}

/**
 * As whom QEMU runs: the user of a static label, the configured one with a dynamic label or none; with a label of the type
 * `none` whoever starts it (format: "Security label").
 */
function userOf({ domain, env }: EmitContext): User | undefined {
  const label = domain.seclabel.find(({ model }) => model === 'dac');
  if (label?.type === 'none') return undefined;
  if (label?.type === 'static') {
    const written = readDacLabel(label.label ?? '');
    return written && { ...written, relabel: label.relabel ?? false, where: whereIs(label, 'label') };
  }
  const { user, group, dynamicOwnership = true } = env.config;
  return user === undefined
    ? undefined
    : { user, ...(group && { group }), relabel: dynamicOwnership, where: {} };
}

/**
 * The host requirements with QEMU's user before all others. Files get an owner only where it runs as somebody else, or a
 * label of their own names one.
 */
export function withUser(host: readonly HostRequirement[], cx: EmitContext): readonly HostRequirement[] {
  const { env, domain } = cx;
  const user = env.profile.kind === 'qdom' ? userOf(cx) : undefined;
  const relabels = user?.relabel === true;
  const needed = host.filter((one) => one.type !== 'file-owner' || relabels || one.owner !== undefined);
  if (user === undefined || env.profile.kind !== 'qdom') return needed;
  const { user: name, group, where } = user;
  const requirement: HostRequirement = {
    type: 'qemu-user',
    ...fromPlace(where),
    user: name,
    ...(group !== undefined && { group }),
    runDir: env.profile.runDir,
    devices: domain.type === 'kvm' ? ['/dev/kvm'] : [],
  };
  return [requirement, ...needed];
}

function limit(resource: LimitedResource, value: ProcessLimitRequirement['value']): Emission {
  const requirement: HostRequirement = { type: 'process-limit', resource, value };
  return { options: [], host: [requirement] };
}

const BYTES_PER_KIB = 1024n;

/** QEMU locks all of its memory, of which nobody knows how much it is unless `<hard_limit>` says so (format: "Memory Backing"). */
function lockedMemory({ domain }: EmitContext): Emission {
  const { memoryBacking, memtune } = domain;
  if (memoryBacking?.locked !== true) return { options: [] };
  const most = memtune?.hard_limit?.sizeKiB;
  const value = most === undefined ? 'unlimited' : BigInt(most) * BYTES_PER_KIB;
  return located(limit('memlock', value), whereIs(memoryBacking, 'locked'));
}

/** A dump that is to hold the guest's memory must not be cut short. */
function coreDumps({ domain, env }: EmitContext): Emission {
  const { maxCore } = env.config;
  if (maxCore !== undefined) return limit('core', maxCore);
  if (domain.memory.dumpCore !== true) return { options: [] };
  return located(limit('core', 'unlimited'), whereIs(domain.memory, '@dumpCore'));
}

function configuredLimits({ env: { config } }: EmitContext): Emission {
  return concatEmissions([
    ...(config.maxFiles === undefined ? [] : [limit('nofile', BigInt(config.maxFiles))]),
    ...(config.maxProcesses === undefined ? [] : [limit('nproc', BigInt(config.maxProcesses))]),
  ]);
}
