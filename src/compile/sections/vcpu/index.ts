import { child } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { resolveVcpu, resolveVcpus } from './resolve.ts';
import { type Vcpu, type Vcpus, type VcpusXml, type VcpuXml, vcpuSchema, vcpusSchema } from './schema.ts';
import { validateVcpu, validateVcpus } from './validate.ts';

export const vcpu: SectionModule<VcpuXml | undefined, Vcpu> = {
  field: child(vcpuSchema),
  resolve: resolveVcpu,
  validate: validateVcpu,
};

export const vcpus: SectionModule<VcpusXml | undefined, Vcpus | undefined> = {
  field: child(vcpusSchema),
  resolve: resolveVcpus,
  validate: validateVcpus,
};

export type { Vcpu, Vcpus } from './schema.ts';
