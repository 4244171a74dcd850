import {
  QMP_ERRORS,
  QmpConnectionLostError,
  type QmpError,
  QmpProtocolError,
  QmpStateError,
  qmpError,
} from './errors.ts';

/** What becomes of one command when the connection ends. */
export function unanswered(
  command: string,
  outcome: 'unknown' | 'not-sent',
  reason: QmpError | undefined,
): QmpError {
  if (reason instanceof QmpProtocolError)
    return new QmpProtocolError(outcome, reason.diagnostics, { cause: reason });
  const params = { command, why: reason?.message ?? 'the connection was closed here' };
  return qmpError(QmpConnectionLostError, outcome, QMP_ERRORS['never-answered'], params, reason);
}

/** The connection ended by somebody else's doing. */
export function ended(why: string, cause?: unknown): QmpError {
  return qmpError(QmpConnectionLostError, 'unknown', QMP_ERRORS['connection-ended'], { why }, cause);
}

/** A command in a state in which none can be sent. */
export function notRunning(command: string, state: string): QmpError {
  return qmpError(QmpStateError, 'not-sent', QMP_ERRORS['not-running'], { command, state });
}

/** The peer sent what no QMP server sends. */
export function violation(why: string): QmpProtocolError {
  return qmpError(QmpProtocolError, 'unknown', QMP_ERRORS['protocol-violated'], { why });
}
