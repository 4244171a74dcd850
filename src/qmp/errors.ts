import { defineErrors, diagnose, type ErrorRule, QdomError } from '../errors/index.ts';

/** The rules of the QMP client. */
export const QMP_ERRORS = defineErrors('qmp', () => ({
  'cannot-connect': {
    class: 'unavailable',
    message: (p: { target: string; why: string }) => `cannot connect to '${p.target}': ${p.why}`,
  },
  'command-refused': {
    class: 'failed',
    message: (p: { command: string; desc: string }) => `'${p.command}' was refused: ${p.desc}`,
  },
  'timed-out': {
    class: 'failed',
    message: (p: { command: string; timeoutMs: number }) =>
      `'${p.command}' was not answered within ${p.timeoutMs} ms`,
    hint: () =>
      'Its outcome is unknown: it may have been done, or may yet be; ask for the state before going on',
  },
  'not-sent-in-time': {
    class: 'failed',
    message: (p: { command: string; timeoutMs: number }) =>
      `'${p.command}' could not be sent within ${p.timeoutMs} ms: earlier commands are still unanswered`,
  },
  aborted: {
    class: 'failed',
    message: (p: { what: string }) => `waiting for ${p.what} was given up by the caller`,
  },
  'connection-ended': {
    class: 'failed',
    message: (p: { why: string }) => `the connection ended: ${p.why}`,
  },
  'never-answered': {
    class: 'failed',
    message: (p: { command: string; why: string }) => `'${p.command}' will not be answered: ${p.why}`,
  },
  'protocol-violated': {
    class: 'failed',
    message: (p: { why: string }) => `the peer does not keep to the protocol: ${p.why}`,
  },
  'not-running': {
    class: 'conflict',
    message: (p: { command: string; state: string }) =>
      `'${p.command}' cannot be sent: the connection is ${p.state}`,
  },
  'oob-not-offered': {
    class: 'unavailable',
    message: (p: { command: string }) =>
      `'${p.command}' cannot be sent out of band: this monitor does not offer it`,
  },
  'arguments-not-json': {
    class: 'invalid',
    message: (p: { command: string; why: string }) =>
      `the arguments of '${p.command}' cannot be written as JSON: ${p.why}`,
  },
  'event-not-seen': {
    class: 'failed',
    message: (p: { event: string; timeoutMs: number }) =>
      `the event '${p.event}' did not come within ${p.timeoutMs} ms`,
  },
  'events-not-read': {
    class: 'failed',
    message: (p: { limit: number }) => `more than ${p.limit} events came that nobody read`,
  },
}));

/**
 * What is known of a command that did not succeed:
 * `refused`: QEMU said no; `not-sent`: QEMU never saw it; `unknown`: it may have been done, or may yet be.
 */
export type CommandOutcome = 'refused' | 'not-sent' | 'unknown';

/**
 * All that the client throws:
 *
 *     QdomError
 *     └── QmpError                   outcome: refused | not-sent | unknown
 *         ├── QmpCommandError        QEMU said no: errorClass, desc
 *         ├── QmpTimeoutError        the deadline passed
 *         ├── QmpAbortedError        the caller's signal
 *         ├── QmpConnectError        never connected, or no greeting in time
 *         ├── QmpConnectionLostError the connection ended first
 *         ├── QmpProtocolError       the peer sent what no QMP server sends
 *         └── QmpStateError          not connected, or not able to (our caller's mistake)
 */
export class QmpError extends QdomError {
  override readonly name: string = 'QmpError';
  readonly outcome: CommandOutcome;

  constructor(outcome: CommandOutcome, diagnostics: QdomError['diagnostics'], options?: ErrorOptions) {
    super(diagnostics, options);
    this.outcome = outcome;
  }
}

/** QEMU, or the guest agent, answered with an error. */
export class QmpCommandError extends QmpError {
  override readonly name = 'QmpCommandError';
  readonly command: string;
  /** `GenericError`, `CommandNotFound`, `DeviceNotFound`, `DeviceNotActive`, `KVMMissingCap`. */
  readonly errorClass: string;
  /** Its own words. */
  readonly desc: string;

  constructor(command: string, error: { readonly class: string; readonly desc: string }) {
    super('refused', [diagnose(QMP_ERRORS['command-refused'], { command, desc: error.desc })]);
    this.command = command;
    this.errorClass = error.class;
    this.desc = error.desc;
  }
}

/** A deadline passed. `outcome` is `unknown` if the command had been sent. */
export class QmpTimeoutError extends QmpError {
  override readonly name = 'QmpTimeoutError';
}

/** The caller's signal ended the wait. */
export class QmpAbortedError extends QmpError {
  override readonly name = 'QmpAbortedError';
}

/** There was never a working connection. */
export class QmpConnectError extends QmpError {
  override readonly name = 'QmpConnectError';
}

/** The connection ended while something was awaited. */
export class QmpConnectionLostError extends QmpError {
  override readonly name = 'QmpConnectionLostError';
}

/** The peer sent what no QMP server sends; the connection was closed for it. */
export class QmpProtocolError extends QmpError {
  override readonly name = 'QmpProtocolError';
}

/** The connection is not in the state that the call needs. */
export class QmpStateError extends QmpError {
  override readonly name = 'QmpStateError';
}

type QmpErrorClass<E extends QmpError> = new (
  outcome: CommandOutcome,
  diagnostics: QdomError['diagnostics'],
  options?: ErrorOptions,
) => E;

/** One of the error classes for one broken rule. */
export function qmpError<E extends QmpError, P>(
  Class: QmpErrorClass<E>,
  outcome: CommandOutcome,
  rule: ErrorRule<P>,
  params: P,
  cause?: unknown,
): E {
  return new Class(outcome, [diagnose(rule, params)], cause === undefined ? {} : { cause });
}
