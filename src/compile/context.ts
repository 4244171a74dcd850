import type {
  CompileEnv,
  HostRequirement,
  KeyValue,
  Origin,
  QemuOption,
  QmpCall,
  ThreadTuning,
} from '../plan/index.ts';
import type { ConsoleEndpoint } from '../plan/plan.ts';
import type { Where } from '../xml/index.ts';
import type { Domain, ParsedDomain } from './domain.ts';
import type { Report } from './report.ts';

/** What every phase can ask. */
export interface Context {
  readonly env: CompileEnv;
  readonly report: Report;
}

/** In resolve, `domain` is the domain so far: what comes later in the order is still as it was written. */
export interface ResolveContext extends Context {
  readonly domain: ParsedDomain;
}

/** After placement the domain is complete. */
export interface ValidateContext extends Context {
  readonly domain: Domain;
}

export type EmitContext = ValidateContext;

/** One property of `-machine`. */
export type MachineProperty = readonly [key: string, value: KeyValue[1] | undefined];

/** What one element gives to the plan. */
export interface Emission {
  readonly options: readonly QemuOption[];
  /** What it adds to `-machine`; an entry whose value is undefined adds nothing. */
  readonly machine?: readonly MachineProperty[];
  readonly host?: readonly HostRequirement[];
  readonly afterStart?: readonly QmpCall[];
  readonly threads?: readonly ThreadTuning[];
  readonly consoles?: readonly ConsoleEndpoint[];
  /** What QEMU finds in its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** An emission of nothing but options; undefined ones are left out. */
export function emits(...options: readonly (QemuOption | undefined)[]): Emission {
  return { options: options.filter((o) => o !== undefined) };
}

/** Several emissions one after the other. */
export function concatEmissions(emissions: readonly Emission[]): Required<Emission> {
  const all = {
    options: [] as QemuOption[],
    machine: [] as MachineProperty[],
    host: [] as HostRequirement[],
    afterStart: [] as QmpCall[],
    threads: [] as ThreadTuning[],
    consoles: [] as ConsoleEndpoint[],
    environment: {} as Record<string, string>,
  };
  for (const { options, machine, host, afterStart, threads, consoles, environment } of emissions) {
    append(all.options, options);
    append(all.machine, machine);
    append(all.host, host);
    append(all.afterStart, afterStart);
    append(all.threads, threads);
    append(all.consoles, consoles);
    Object.assign(all.environment, environment);
  }
  return all;
}

function append<T>(to: T[], more: readonly T[] | undefined): void {
  if (more !== undefined) for (const each of more) to.push(each);
}

/** `from`, for what is told where in the XML it comes from: to be spread into it, nothing for a place that is none. */
export function fromPlace({ path, at }: Where): { readonly from?: Origin } {
  return path === undefined ? {} : { from: { path, ...(at && { at }) } };
}

/** The emission whose options and host requirements know the element they come from; a closer place that one has stays. */
export function located(emission: Emission, where: Where): Emission {
  const { from } = fromPlace(where);
  if (from === undefined) return emission;
  return {
    ...emission,
    options: emission.options.map((option) => ({ from, ...option })),
    ...(emission.host && { host: emission.host.map((requirement) => ({ from, ...requirement })) }),
    ...(emission.threads && { threads: emission.threads.map((tuning) => ({ from, ...tuning })) }),
  };
}
