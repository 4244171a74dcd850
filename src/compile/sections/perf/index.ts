import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  children,
  element,
  oneOf,
  type Read,
  required,
  yesNo,
} from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';

/** Format: "Performance monitoring events". Counted on the host; QEMU is not told of them. */

export const perfErrors = defineErrors('perf', () => ({
  'repeated-event': {
    class: 'invalid',
    message: (p: { name: string }) => `the perf event '${p.name}' is written more than once`,
  },
  'not-counted': {
    class: 'not-implemented',
    severity: 'warning',
    message: (p: { name: string }) => `the perf event '${p.name}' is not counted`,
    hint: () => "'perf stat -p PID' counts it for the running QEMU",
  },
}));

/** In the order in which they print. */
const EVENTS = [
  'cmt',
  'mbmt',
  'mbml',
  'cpu_cycles',
  'instructions',
  'cache_references',
  'cache_misses',
  'branch_instructions',
  'branch_misses',
  'bus_cycles',
  'stalled_cycles_frontend',
  'stalled_cycles_backend',
  'ref_cpu_cycles',
  'cpu_clock',
  'task_clock',
  'page_faults',
  'context_switches',
  'cpu_migrations',
  'page_faults_min',
  'page_faults_maj',
  'alignment_faults',
  'emulation_faults',
] as const;

const eventSchema = element(() => ({
  name: required(attribute(oneOf(...EVENTS))),
  enabled: required(attribute(yesNo)),
}));

const perfSchema = element(() => ({ event: children(eventSchema) }));
type Perf = Read<typeof perfSchema>;

export const perf: SectionModule<Perf | undefined> = {
  field: child(perfSchema),
  resolve: (value) => value && { ...value, event: value.event.toSorted((a, b) => place(a) - place(b)) },
  validate: (value, cx) => {
    const seen = new Set<string>();
    for (const event of value?.event ?? []) {
      const { name } = event;
      if (seen.has(name)) cx.report.add(perfErrors['repeated-event'], { name }, whereIs(event, '@name'));
      else if (event.enabled) cx.report.add(perfErrors['not-counted'], { name }, whereIs(event, '@name'));
      seen.add(name);
    }
  },
};

function place({ name }: Perf['event'][number]): number {
  return EVENTS.indexOf(name);
}
