import { hasOption, jsonOption, type KeyValue, keysOption, plainOption } from '../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { alignUp } from '../../shared/size.ts';
import type { CpuContributor } from '../cpu/index.ts';
import type { Features, Hyperv, KvmFeatures, Switch } from './schema.ts';
import { knowsAcpi } from './validate.ts';

/** The switches of the machine itself: `-machine vmport=off,smm=on,…`. */
export function machineFeatures(cx: EmitContext): Emission {
  const { features } = cx.domain;
  return {
    options: [],
    machine: [
      ['vmport', stateOf(features?.vmport)],
      ['smm', stateOf(features?.smm)],
      ['kernel_irqchip', irqchip(features?.ioapic)],
      ['i8042', stateOf(features?.ps2)],
    ],
  };
}

/** `-machine acpi=…`: QEMU's machines have ACPI unless they are told otherwise. */
export function acpiOfMachine(cx: EmitContext): Emission {
  const hasAcpi = cx.domain.features?.acpi === true;
  return { options: [], machine: [['acpi', knowsAcpi(cx) ? hasAcpi : undefined]] };
}

function irqchip(driver: Features['ioapic']): string | undefined {
  return driver === undefined ? undefined : driver === 'qemu' ? 'split' : 'on';
}

function stateOf(value: Switch | undefined): boolean | undefined {
  return value === undefined ? undefined : (value.state ?? true);
}

/** `-accel`, with what the features add to it. */
export function acceleratorOption({ domain }: EmitContext): Emission {
  const ring = domain.features?.kvm?.['dirty-ring'];
  const cacheKiB = domain.features?.tcg?.['tb-cache']?.sizeKiB;
  return emits(
    domain.type === 'kvm'
      ? keysOption('-accel', [
          [null, 'kvm'],
          ['dirty-ring-size', ring?.state ? ring.size : undefined],
        ])
      : keysOption('-accel', [
          [null, 'tcg'],
          ['tb-size', cacheKiB === undefined ? undefined : alignUp(cacheKiB, 1024) / 1024],
        ]),
  );
}

/** `-global mch.extended-tseg-mbytes`: the size of SMM's memory. */
export function tsegOption({ domain }: EmitContext): Emission {
  const { smm } = domain.features ?? {};
  const tseg = smm?.tseg;
  if (tseg === undefined || smm?.state === false) return emits();
  return emits(plainOption('-global', `mch.extended-tseg-mbytes=${tseg.sizeBytes / 1024n / 1024n}`));
}

/** `-no-acpi`, where the machine has no property for it. */
export function noAcpiOption(cx: EmitContext): Emission {
  return emits(cx.domain.features?.acpi || knowsAcpi(cx) ? undefined : plainOption('-no-acpi'));
}

/** `-run-with async-teardown`; a QEMU that does not know it (before 8.1) tears nothing down asynchronously anyway. */
export function runWithOption({ domain, env }: EmitContext): Emission {
  const teardown = domain.features?.['async-teardown'];
  if (teardown === undefined || !hasOption(env.caps, 'run-with', 'async-teardown')) return emits();
  return emits(keysOption('-run-with', [['async-teardown', teardown.enabled ?? true]]));
}

/** The device through which the guest's kernel leaves its crash details. */
export function vmcoreinfoDevice({ domain }: EmitContext): Emission {
  const isOn = stateOf(domain.features?.vmcoreinfo) ?? false;
  return emits(isOn ? jsonOption('-device', { driver: 'vmcoreinfo' }) : undefined);
}

/** What the features add to `-cpu`: KVM's paravirtualization, Hyper-V's enlightenments, the PMU. */
export const featureCpuProperties: CpuContributor = ({ domain: { features } }) => {
  if (features === undefined) return [];
  return [
    ...present('kvm-pv-eoi', features.apic?.eoi),
    ...present('kvm-pv-unhalt', stateOf(features.pvspinlock)),
    ...hypervProperties(features.hyperv),
    ...kvmProperties(features.kvm),
    ...present('pmu', stateOf(features.pmu)),
  ];
};

function present(key: string, value: boolean | undefined): readonly KeyValue[] {
  return value === undefined ? [] : [[key, value]];
}

/** Enlightenments whose QEMU name is libvirt's with `hv-` before it and dashes for underscores. */
const PLAIN_ENLIGHTENMENTS = [
  'vpindex',
  'runtime',
  'synic',
  'reset',
  'frequencies',
  'reenlightenment',
  'ipi',
  'evmcs',
  'avic',
  'emsr_bitmap',
  'xmm_input',
] as const;

function hypervProperties(hyperv: Hyperv | undefined): readonly KeyValue[] {
  if (hyperv === undefined) return [];
  const on = (key: string, state: boolean | undefined): readonly KeyValue[] => (state ? [[key, true]] : []);
  if (hyperv.mode === 'passthrough') return [['hv-passthrough', true]];
  return [
    ...on('hv-relaxed', hyperv.relaxed?.state),
    ...on('hv-vapic', hyperv.vapic?.state),
    ...(hyperv.spinlocks?.state
      ? [['hv-spinlocks', `0x${(hyperv.spinlocks.retries ?? 0).toString(16)}`] as const]
      : []),
    ...(hyperv.vendor_id?.state ? [['hv-vendor-id', hyperv.vendor_id.value ?? ''] as const] : []),
    ...on('hv-stimer', hyperv.stimer?.state),
    ...on('hv-stimer-direct', hyperv.stimer?.state && hyperv.stimer.direct?.state),
    ...on('hv-tlbflush', hyperv.tlbflush?.state),
    ...on('hv-tlbflush-direct', hyperv.tlbflush?.state && hyperv.tlbflush.direct?.state),
    ...on('hv-tlbflush-ext', hyperv.tlbflush?.state && hyperv.tlbflush.extended?.state),
    ...PLAIN_ENLIGHTENMENTS.flatMap((name) => on(`hv-${name.replace('_', '-')}`, hyperv[name]?.state)),
  ];
}

/** A feature that is on by default in QEMU is only told of when it is off, and the other way round. */
function kvmProperties(kvm: KvmFeatures | undefined): readonly KeyValue[] {
  return [
    ...(kvm?.hidden?.state ? [['kvm', false] as const] : []),
    ...(kvm?.['hint-dedicated']?.state ? [['kvm-hint-dedicated', true] as const] : []),
    ...(kvm?.['poll-control']?.state ? [['kvm-poll-control', true] as const] : []),
    ...(kvm?.['pv-ipi']?.state === false ? [['kvm-pv-ipi', false] as const] : []),
  ];
}
