import type { HostRequirement, LimitedResource, ProcessLimitRequirement } from '../../plan/index.ts';
import type { Credentials } from '../credentials.ts';
import type { Claim, Owners } from '../owners.ts';
import type { HostSystem } from '../system.ts';

/** What a step writes into the journal: plain JSON, enough to undo it by another process after a power cut. */
export type StepRecord = Readonly<Record<string, unknown>>;

/** Whether the machine never ran (everything goes) or has ended (what a domain keeps, stays). */
export type UndoReason = 'rollback' | 'ended';

/** A step in words, for people: present tense, names as they are in the plan. */
export interface StepDescription {
  readonly act: string;
  /** How the host becomes as it was. */
  readonly undo: string;
}

/** What the steps of one start have made so far, for QEMU and for the steps that follow. */
export interface Made {
  /** The descriptors that were opened for QEMU, by the name in the plan. */
  readonly fds: Map<string, number>;
  /** Network interfaces by the alias of the device that they are for. */
  readonly links: Map<string, MadeLink>;
  /** The control groups that QEMU enters before it is QEMU. */
  readonly cgroups: string[];
  /** The files into which the ids of single threads go, by the group's name in the plan. */
  readonly threadFiles: Map<string, string>;
  /** As whom QEMU will run: what it opens by name must be open to it. Undefined where that is whoever starts it. */
  readonly qemu: Credentials | undefined;
  /** What QEMU's process is limited to. */
  readonly limits: Map<LimitedResource, ProcessLimitRequirement['value']>;
  /** Files that nobody needs once QEMU runs: it has read them. */
  readonly readOnce: string[];
  /** Files that are empty when the guest's first instruction runs, and stay as they are if it never does. */
  readonly emptied: string[];
}

export interface MadeLink {
  /** As the kernel named it. */
  readonly name: string;
  /** It was there before and stays; otherwise all that is done to it goes away with it. */
  readonly given: boolean;
}

/** Of a step that does nothing itself: what it owns, and what it looks at, is all. */
export const NOTHING_DONE = {
  async intend() {
    return {};
  },
  async apply(_requirement: unknown, intent: StepRecord) {
    return intent;
  },
  async undo() {},
};

/**
 * One kind of host requirement. `Record` is what is written before the act (names chosen, what was there before)
 * and, with what was really made, after it.
 */
export interface HostStep<Requirement extends HostRequirement, Record extends StepRecord> {
  readonly type: Requirement['type'];
  /** What it will do, without looking at the host. */
  describe(requirement: Requirement): StepDescription;
  /** What no two machines may have at once: `file:/path`. Taken before the step, given back after its undo. */
  owns?(requirement: Requirement, host: HostSystem | undefined): readonly Claim[];
  /**
   * Refuses what cannot work; changes nothing. `all` is what the machine asks for, `qemu` as whom QEMU will run, if not
   * as whoever starts it.
   * @throws QdomError
   */
  check(
    requirement: Requirement,
    host: HostSystem,
    all: readonly HostRequirement[],
    owners: Owners,
    qemu: Credentials | undefined,
  ): Promise<void>;
  /** What will be done and what was there before; changes nothing. */
  intend(requirement: Requirement, host: HostSystem, made: Made, owners: Owners): Promise<Record>;
  /** Does it, and adds to `made`. Gives what was really made. */
  apply(
    requirement: Requirement,
    intent: Record,
    host: HostSystem,
    made: Made,
    owners: Owners,
  ): Promise<Record>;
  /** Undoes what `record`, an intent or a result, may have left. Does nothing where nothing is left. */
  undo(record: Record, host: HostSystem, reason: UndoReason): Promise<void>;
}
