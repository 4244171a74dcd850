import {
  attribute,
  children,
  element,
  integer,
  oneOf,
  type Read,
  required,
  text,
  yesNo,
} from '../../../xml/schema/index.ts';
import { numberSet } from '../../shared/number-set.ts';

/** Format: "CPU Allocation". */

export const vcpuSchema = element(() => ({
  placement: attribute(oneOf('static', 'auto')),
  cpuset: attribute(numberSet),
  current: attribute(integer({ max: 65_535, samples: [1] })),
  count: text(integer({ max: 65_535, samples: [1, 4] })),
}));

export type VcpuXml = Read<typeof vcpuSchema>;

/** How many virtual CPUs there are at most, and at the start. */
export interface Vcpu extends VcpuXml {
  readonly placement: 'static' | 'auto';
  readonly count: number;
}

const oneSchema = element(() => ({
  id: required(attribute(integer())),
  enabled: required(attribute(yesNo)),
  hotpluggable: attribute(yesNo),
  order: attribute(integer({ min: 1 })),
}));

export const vcpusSchema = element(() => ({ vcpu: children(oneSchema) }));

export type VcpusXml = Read<typeof vcpusSchema>;
export type SingleVcpu = VcpusXml['vcpu'][number] & { readonly hotpluggable: boolean };

/** Every vCPU by itself. */
export interface Vcpus extends VcpusXml {
  readonly vcpu: readonly SingleVcpu[];
}
