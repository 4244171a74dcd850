/** What kind of trouble a diagnostic tells of; each class has its own exit status. */
export type DiagnosticClass =
  /** The command line itself is wrong. */
  | 'usage'
  /** Not XML, or not the shape of a domain. */
  | 'syntax'
  /** The input contradicts itself or holds a value outside its range. */
  | 'invalid'
  /** Valid, and never here (another architecture, another hypervisor). */
  | 'unsupported'
  /** Valid, and not done yet. */
  | 'not-implemented'
  /** This host or this QEMU cannot. */
  | 'unavailable'
  /** The thing named does not exist. */
  | 'not-found'
  /** Somebody else has it, or the machine is in the wrong state for it. */
  | 'conflict'
  /** An operation on the host or on QEMU failed. */
  | 'failed'
  /** A bug of ours. */
  | 'internal';

/** A place in a text. Lines and columns count from 1, the offset from 0 in UTF-16 units. */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** One thing to tell the user. Plain data: it can be printed as JSON. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly class: DiagnosticClass;
  /** Stable name, `area/rule`, such as `disk/duplicate-target`. */
  readonly code: string;
  /** One sentence without a final full stop. */
  readonly message: string;
  /** The XML path, such as `/domain/devices/disk[2]/target/@dev`. */
  readonly path?: string;
  /** The input's name as the user gave it; absent for standard input and for what has no file. */
  readonly file?: string;
  readonly at?: SourceLocation;
  /** What to do about it. */
  readonly hint?: string;
}
