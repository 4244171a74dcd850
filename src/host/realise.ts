import { type Diagnostic, diagnose, fail, messageOf, QdomError } from '../errors/index.ts';
import type { HostRequirement, Origin } from '../plan/index.ts';
import { type Credentials, credentialsOfQemu, credentialWords } from './credentials.ts';
import { hostErrors } from './errors.ts';
import { openSteps, writeEntry } from './journal.ts';
import {
  dropOwnership,
  nameOfClaim,
  type Owners,
  otherOwner,
  ownershipFile,
  takeOwnership,
} from './owners.ts';
import {
  type HostStep,
  type Made,
  type StepDescription,
  type StepRecord,
  stepOf,
  type UndoReason,
} from './steps/index.ts';
import { limitWords } from './steps/process-limit.ts';
import type { HostSystem } from './system.ts';

export interface Realised {
  /** The descriptors that QEMU inherits, by the name in the plan. */
  readonly fds: ReadonlyMap<string, number>;
  /** The control groups that QEMU enters before it is QEMU. */
  readonly cgroups: readonly string[];
  /** Where the ids of single threads go, by the group's name in the plan. */
  readonly threadFiles: ReadonlyMap<string, string>;
  /** As whom QEMU runs; undefined where that is whoever starts it. */
  readonly qemu: Credentials | undefined;
  /** The words before QEMU's own that start it as what it is to be: `prlimit --memlock=… --`. */
  readonly wrapper: readonly string[];
  /** Files with secrets, to be removed when QEMU has read them. */
  readonly readOnce: readonly string[];
  /** Files to be emptied when nothing can fail any more. */
  readonly emptied: readonly string[];
  /** Closes this process's copies; QEMU's stay open. */
  closeDescriptors(): void;
}

/**
 * Prepares the host: every check, then what nobody else may have, then step by step intent, act, result in the journal. When anything fails, what was
 * done is undone, newest first; failed undos are attached to the error and stay in the journal.
 * @throws QdomError with the diagnostics of all failed checks, or of the failed step.
 */
export async function realise(
  requirements: readonly HostRequirement[],
  host: HostSystem,
  journal: string,
  owners: Owners,
): Promise<Realised> {
  const steps = requirements.map((requirement) => ({ requirement, step: knownStep(requirement.type) }));
  const qemu = await qemuOf(requirements, host);
  await checkAll(steps, { host, owners, qemu });
  const made: Made = {
    fds: new Map(),
    links: new Map(),
    cgroups: [],
    threadFiles: new Map(),
    limits: new Map(),
    readOnce: [],
    emptied: [],
    qemu,
  };
  const closeDescriptors = () => closeAll(made.fds, host);
  try {
    const taking = { host, owners, journaled: journalOf(host, journal), made };
    for (const planned of steps) await takeClaims(planned, taking);
    for (const planned of steps) await takeStep(planned, taking);
    const { fds, cgroups, threadFiles, readOnce, emptied } = made;
    const wrapper = [...limitWords(made.limits, host), ...credentialWords(qemu, host)];
    return { fds, cgroups, threadFiles, readOnce, emptied, qemu, wrapper, closeDescriptors };
  } catch (error) {
    closeDescriptors();
    throw withUndoFailures(stepError(error), await undoSteps(host, journal, 'rollback'));
  }
}

interface Taking {
  readonly host: HostSystem;
  readonly owners: Owners;
  readonly journaled: ReturnType<typeof journalOf>;
  readonly made: Made;
}

/** All before the first step: who does not get them has changed nothing yet. */
async function takeClaims({ requirement, step }: PlannedStep, { host, owners, journaled }: Taking) {
  try {
    for (const claim of step.owns?.(requirement, host) ?? []) {
      journaled(OWNERSHIP, { path: ownershipFile(owners, claim.resource), machine: owners.machine });
      await takeOwnership(host, owners, claim);
    }
  } catch (error) {
    throw located(stepError(error), requirement);
  }
}

async function takeStep({ requirement, step }: PlannedStep, { host, owners, journaled, made }: Taking) {
  try {
    const intent = await step.intend(requirement, host, made, owners);
    const done = journaled(step.type, intent);
    done(await step.apply(requirement, intent, host, made, owners));
  } catch (error) {
    throw located(stepError(error), requirement);
  }
}

/**
 * Undoes what the journal holds, newest first, and notes each. Goes on past a failure, but keeps what the failed step may
 * still stand on: ownership, and directories.
 * @returns one diagnostic for each step that is still there; none if the host is as it was.
 */
export async function undoSteps(
  host: HostSystem,
  journal: string,
  reason: UndoReason,
): Promise<readonly Diagnostic[]> {
  const failures: Diagnostic[] = [];
  for (const { step, type, record } of openSteps(host, journal).reverse()) {
    if (failures.length > 0 && carriesOthers(type, record)) continue;
    try {
      await undoStep(host, type, record, reason);
      writeEntry(host, journal, { op: 'undone', step });
    } catch (error) {
      const what = `step ${step} (${type})`;
      failures.push(diagnose(hostErrors['undo-failed'], { what, reason: messageOf(error) }));
    }
  }
  return failures;
}

/** The journal's word for a resource that was taken. */
const OWNERSHIP = 'ownership';

/** Whether a later step may stand on what this one has made. */
function carriesOthers(type: string, { directories, made }: StepRecord): boolean {
  const hasMade = [directories, made].some((paths) => Array.isArray(paths) && paths.length > 0);
  return type === OWNERSHIP || hasMade;
}

/** Writes intents, numbered; each gives what notes its result. */
function journalOf(host: HostSystem, journal: string) {
  const numbers = { next: 0 };
  return (type: string, intent: StepRecord) => {
    const step = numbers.next++;
    writeEntry(host, journal, { op: 'intent', step, type, record: intent });
    return (record: StepRecord) => writeEntry(host, journal, { op: 'done', step, record });
  };
}

async function undoStep(
  host: HostSystem,
  type: string,
  record: StepRecord,
  reason: UndoReason,
): Promise<void> {
  if (type === OWNERSHIP) await dropOwnership(host, String(record.path), String(record.machine));
  else await knownStep(type).undo(record, host, reason);
}

/** The error with what could not be undone after it; the first error stays the first. */
export function withUndoFailures(error: QdomError, failures: readonly Diagnostic[]): QdomError {
  return failures.length === 0
    ? error
    : new QdomError([...error.diagnostics, ...failures], { cause: error.cause });
}

/** The host, and who has what of it. */
interface Here {
  readonly host: HostSystem;
  readonly owners: Owners;
}

interface HereFor extends Here {
  /** As whom QEMU will run, if not as whoever starts it. */
  readonly qemu: Credentials | undefined;
}

interface PlannedStep {
  readonly requirement: HostRequirement;
  readonly step: HostStep<HostRequirement, StepRecord>;
}

async function checkAll(steps: readonly PlannedStep[], here: HereFor): Promise<void> {
  const diagnostics: Diagnostic[] = [];
  const all = steps.map(({ requirement }) => requirement);
  for (const { requirement, step } of steps)
    diagnostics.push(...(await checkStep(step, requirement, all, here)));
  if (diagnostics.length > 0) throw new QdomError(diagnostics);
}

/** As whom QEMU will run. A user that is not there is told by the step that asks for it. */
async function qemuOf(
  requirements: readonly HostRequirement[],
  host: HostSystem,
): Promise<Credentials | undefined> {
  return credentialsOfQemu(requirements, host).catch((error: unknown) => {
    if (error instanceof QdomError) return undefined;
    throw error;
  });
}

/** What speaks against a step on this host, with the place in the XML that asks for it; changes nothing. */
async function checkStep(
  step: PlannedStep['step'],
  requirement: HostRequirement,
  all: readonly HostRequirement[],
  { host, owners, qemu }: HereFor,
): Promise<readonly Diagnostic[]> {
  const taken = (step.owns?.(requirement, host) ?? []).flatMap((claim) => {
    const machine = otherOwner(host, owners, claim);
    return machine === undefined
      ? []
      : [diagnose(hostErrors.taken, { resource: nameOfClaim(claim), machine })];
  });
  // What somebody else has looks different from what is free: the check would complain of that.
  if (taken.length > 0) return taken.map((d) => ({ ...requirement.from, ...d }));
  try {
    await step.check(requirement, host, all, owners, qemu);
    return [];
  } catch (error) {
    if (!(error instanceof QdomError)) throw error;
    return located(error, requirement).diagnostics;
  }
}

/** The error with the place in the XML that asks for what failed. */
function located(error: QdomError, { from }: HostRequirement): QdomError {
  return new QdomError(
    error.diagnostics.map((d) => ({ ...from, ...d })),
    { cause: error.cause },
  );
}

/** A step as it would be done. */
export interface ForeseenStep extends StepDescription {
  readonly type: string;
  readonly from?: Origin;
  /** What no two machines may have at once. */
  readonly owns: readonly string[];
  /** What it has together with others that want it so too. */
  readonly shares: readonly string[];
  /** Why it cannot be done on this host; empty where none was given to look at. */
  readonly problems: readonly Diagnostic[];
}

/** What `realise` would do, in its order, without doing any of it. */
export async function foresee(
  requirements: readonly HostRequirement[],
  here: Here | undefined,
): Promise<readonly ForeseenStep[]> {
  const foreseen: ForeseenStep[] = [];
  const qemu = here && (await qemuOf(requirements, here.host));
  for (const requirement of requirements) {
    const step = knownStep(requirement.type);
    const claims = step.owns?.(requirement, here?.host) ?? [];
    const claimed = (isShared: boolean) =>
      claims.filter((claim) => (claim.isShared && claim.part === undefined) === isShared).map(nameOfClaim);
    foreseen.push({
      type: step.type,
      ...(requirement.from && { from: requirement.from }),
      ...step.describe(requirement),
      owns: claimed(false),
      shares: claimed(true),
      problems: here === undefined ? [] : await checkStep(step, requirement, requirements, { ...here, qemu }),
    });
  }
  return foreseen;
}

function knownStep(type: string): HostStep<HostRequirement, StepRecord> {
  const step = stepOf(type);
  if (step === undefined)
    throw fail(hostErrors['step-failed'], { act: 'host step', reason: `no such kind: '${type}'` });
  return step;
}

function closeAll(fds: Made['fds'], host: HostSystem): void {
  const once = new Set(fds.values());
  fds.clear();
  for (const fd of once) host.closeDescriptor(fd);
}

function stepError(error: unknown): QdomError {
  if (error instanceof QdomError) return error;
  return fail(
    hostErrors['step-failed'],
    { act: 'preparing the host', reason: messageOf(error) },
    { cause: error },
  );
}
