import { child } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { resolveCpu } from './resolve.ts';
import { type Cpu, type CpuXml, cpuSchema } from './schema.ts';
import { validateCpu } from './validate.ts';

/** Format: "CPU model and topology". */
export const cpu: SectionModule<CpuXml | undefined, Cpu> = {
  field: child(cpuSchema),
  resolve: resolveCpu,
  validate: validateCpu,
};

export { type CpuContributor, cpuOption } from './emit.ts';
export type { Cpu, CpuXml } from './schema.ts';
