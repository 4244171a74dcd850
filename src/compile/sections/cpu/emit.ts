import { type KeyValue, keysOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { cpuErrors } from './errors.ts';
import { guestCpu } from './model/guest-cpu.ts';
import type { Cpu } from './schema.ts';

/** What another element adds to `-cpu`: enlightenments, KVM's features, timers. */
export type CpuContributor = (cx: EmitContext) => readonly KeyValue[];

/** `-cpu`, from `<cpu>` and what the contributors add, in their order. */
export function cpuOption(...contributors: readonly CpuContributor[]): (cx: EmitContext) => Emission {
  return (cx) => {
    const { cpu } = cx.domain;
    if (cpu.deprecated_features !== undefined)
      cx.report.add(cpuErrors['no-deprecated-features'], undefined, whereIs(cpu, '@deprecated_features'));
    const { model, features } = guestCpu(cpu, cx);
    return emits(
      keysOption('-cpu', [
        [null, model],
        ['migratable', cpu.migratable],
        ['vendor', cpu.model?.vendor_id],
        ...features,
        ...contributors.flatMap((contribute) => contribute(cx)),
        ...cacheKeys(cpu),
        ...physicalAddressKeys(cpu),
      ]),
    );
  };
}

/** The QOM type of the domain's vCPUs, for plugging one in. */
export function cpuType(cpu: Cpu, cx: EmitContext): string {
  return `${guestCpu(cpu, cx).model}-x86_64-cpu`;
}

type Keys = readonly (readonly [string, boolean | number | undefined])[];

/** A guest with the host's CPU has the host's caches too unless that is switched. */
function cacheKeys({ cache, mode }: Cpu): Keys {
  const isHosts = mode === 'host-passthrough' || mode === 'maximum';
  switch (cache?.mode) {
    case 'emulate':
      return [
        ['l3-cache', true],
        ['host-cache-info', isHosts ? false : undefined],
      ];
    case 'passthrough':
      return [
        ['host-cache-info', true],
        ['l3-cache', false],
      ];
    case 'disable':
      return [
        ['host-cache-info', isHosts ? false : undefined],
        ['l3-cache', false],
      ];
    default:
      return [];
  }
}

function physicalAddressKeys({ maxphysaddr }: Cpu): Keys {
  const { bits = 0, limit = 0 } = maxphysaddr ?? {};
  switch (maxphysaddr?.mode) {
    case 'passthrough':
      return [
        ['host-phys-bits', true],
        ['host-phys-bits-limit', limit > 0 ? limit : undefined],
      ];
    case 'emulate':
      return bits > 0 ? [['phys-bits', bits]] : [['host-phys-bits', false]];
    default:
      return [];
  }
}
