import { SOURCE, whereIs } from '../../../xml/index.ts';
import { child } from '../../../xml/schema/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import type { Os } from '../os/index.ts';
import { featureErrors } from './errors.ts';
import { type Features, featuresSchema, type Hyperv } from './schema.ts';
import { validateFeatures } from './validate.ts';

/** Format: "Hypervisor features". */
export const features: SectionModule<Features | undefined> = {
  field: child(featuresSchema),
  resolve: resolveFeatures,
  validate: validateFeatures,
};

/** Elements that are on when they say nothing. */
const SWITCHES = ['hap', 'pvspinlock', 'pmu', 'vmport', 'smm', 'vmcoreinfo', 'ps2'] as const;

/** Says of every switch which way it is; firmware can need SMM without the domain saying so. */
function resolveFeatures(
  value: Features | undefined,
  { domain, report }: ResolveContext,
): Features | undefined {
  const { requiresSmm = false } = domain.os as Os;
  if (value === undefined) return requiresSmm ? { smm: { state: true } } : undefined;
  const { hyperv, kvm, smm, hpt, tcg, capabilities, 'async-teardown': teardown } = value;
  const switches = SWITCHES.flatMap((name) => {
    const feature = value[name];
    return feature === undefined ? [] : [[name, { ...feature, state: feature.state ?? true }] as const];
  });
  if (smm?.state === false && smm.tseg !== undefined)
    report.add(featureErrors['tseg-without-smm'], undefined, whereIs(smm, 'tseg'));
  const resolved: Features = {
    ...value,
    ...(requiresSmm && smm === undefined && { smm: { state: true } }),
    ...Object.fromEntries(switches),
    ...(smm?.state === false && { smm: { state: false } }),
    ...(hyperv && { hyperv: resolveHyperv(hyperv) }),
    ...(kvm && { kvm: withoutIdleValues(kvm) }),
    ...(teardown && { 'async-teardown': { ...teardown, enabled: teardown.enabled ?? true } }),
    // What asks for nothing is not kept.
    hpt: hpt?.resizing === undefined && hpt?.maxpagesize === undefined ? undefined : hpt,
    tcg: tcg?.['tb-cache']?.sizeKiB === 0 ? undefined : tcg,
    capabilities: isDefault(capabilities) ? undefined : capabilities,
  };
  const isKept =
    Object.values(resolved).some((feature) => feature !== undefined) ||
    (value[SOURCE]?.children ?? []).some(({ name }) => !MAY_ASK_FOR_NOTHING.has(name));
  return isKept ? resolved : undefined;
}

const MAY_ASK_FOR_NOTHING: ReadonlySet<string> = new Set(['hpt', 'tcg', 'capabilities']);

function isDefault(capabilities: Features['capabilities']): boolean {
  const { policy = 'default' } = capabilities?.attributes ?? {};
  return policy === 'default' && capabilities?.children.length === 0;
}

/** What is passed through is not set one by one; what is off has no value. */
function resolveHyperv(hyperv: Hyperv): Hyperv {
  const { mode = 'custom', ...enlightenments } = hyperv;
  if (mode === 'passthrough') return { mode, [SOURCE]: hyperv[SOURCE] };
  const { stimer, tlbflush } = enlightenments;
  return {
    mode,
    ...withoutIdleValues({
      ...enlightenments,
      ...(stimer && { stimer: { ...stimer, direct: onlyOn(stimer.direct) } }),
      ...(tlbflush && {
        tlbflush: { ...tlbflush, direct: onlyOn(tlbflush.direct), extended: onlyOn(tlbflush.extended) },
      }),
    }),
  };
}

function onlyOn<T extends { readonly state: boolean }>(value: T | undefined): T | undefined {
  return value?.state === true ? value : undefined;
}

function withoutIdleValues<T extends object>(features: T): T {
  const changed = Object.entries(features).map(([name, value]: [string, unknown]) => {
    const isOff = typeof value === 'object' && value !== null && 'state' in value && value.state === false;
    return [name, isOff ? { state: false } : value];
  });
  return { ...features, ...Object.fromEntries(changed) };
}

export * from './emit.ts';
