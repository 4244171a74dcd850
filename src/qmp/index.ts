/** `qdom/qmp`: a QMP client for QEMU's monitor, the guest agent, and what a QEMU says it can do. Useful on its own. */

export {
  type Answer,
  buildCaps,
  type CachedProbeOptions,
  cachedCaps,
  capsFromTranscript,
  type Exchange,
  type ExchangeSession,
  parseTranscript,
  printTranscript,
  type Question,
} from './capabilities/index.ts';
export { canOpenKvm, type ProbeOptions, probeCaps, recordTranscript } from './capabilities/probe.ts';
export {
  type CommandName,
  type ConnectOptions,
  type EventName,
  type ExecuteOptions,
  type Greeting,
  QmpClient,
  type QmpEvent,
} from './client.ts';
export {
  type CommandOutcome,
  QmpAbortedError,
  QmpCommandError,
  QmpConnectError,
  QmpConnectionLostError,
  QmpError,
  QmpProtocolError,
  QmpStateError,
  QmpTimeoutError,
} from './errors.ts';
export type { AnyEvent, EventStream } from './events.ts';
export { type AgentInfo, type AgentOptions, GuestAgent } from './guest-agent.ts';
export { type ReplayServer, serveTranscript } from './replay.ts';
export type { RunState } from './session.ts';
export type { Target } from './target.ts';
export type * from './types.generated.ts';
