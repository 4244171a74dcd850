import type { Diagnostic, Secret } from '../errors/index.ts';
import type { HostRequirement } from './host-requirement.ts';
import type { PropValue, QemuOption } from './option.ts';
import type { ThreadTuning } from './tuning-requirement.ts';

/** A QMP command that is executed after QEMU's start and before the guest's first instruction. */
export interface QmpCall {
  readonly execute: string;
  /** A secret shows as `***` wherever the plan is shown; only who executes the call reveals it. */
  readonly arguments?: Readonly<Record<string, PropValue | Secret | undefined>>;
}

export type OnPoweroff = 'destroy' | 'restart' | 'preserve' | 'rename-restart';
export type OnCrash = OnPoweroff | 'coredump-destroy' | 'coredump-restart';

/** Where a person can read and write a serial or console device while the machine runs. */
export interface ConsoleEndpoint {
  /** `serial0`, `console0`, or the alias that the user gave. */
  readonly alias: string;
  /** QEMU's chardev id (`charserial0`): `query-chardev` names a pty's path under it. */
  readonly chardev: string;
  readonly backend: 'pty' | 'unix' | 'tcp' | 'file' | 'stdio' | 'null' | 'other';
  /** The socket's or file's path, or `host:port`. */
  readonly target?: string;
}

/** Where on the host a machine is put of which `placement='auto'` leaves that open. */
export interface Placement {
  /** Host nodes, `0-1`. */
  readonly nodes: string;
  /** Who chose them. */
  readonly by: string;
}

/** All that is needed to run one machine: the compiler's whole answer, printable as JSON. */
export interface Plan {
  readonly format: 1;
  readonly name: string;
  readonly uuid: string;
  readonly binary: string;
  readonly accel: 'kvm' | 'tcg';
  readonly options: readonly QemuOption[];
  readonly host: readonly HostRequirement[];
  /** What QEMU's threads are given before the guest's first instruction. */
  readonly threads: readonly ThreadTuning[];
  readonly afterStart: readonly QmpCall[];
  readonly lifecycle: {
    readonly onPoweroff: OnPoweroff;
    readonly onReboot: OnPoweroff;
    readonly onCrash: OnCrash;
    /** Where that is written, if it is. */
    readonly onCrashFrom?: Pick<Diagnostic, 'path' | 'file' | 'at'>;
  };
  readonly consoles: readonly ConsoleEndpoint[];
  /** What QEMU finds in its environment besides what it always has there. */
  readonly environment: Readonly<Record<string, string>>;
  /** The normalized domain XML: what a defined machine keeps, the guest's ABI as data. */
  readonly domainXml: string;
  /** What is shown of the running machine, where it differs: with what was found and chosen for this start. */
  readonly liveXml?: string | undefined;
  /** Where the machine was put that is placed automatically. */
  readonly placement?: Placement;
  readonly warnings: readonly Diagnostic[];
}
