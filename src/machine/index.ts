export { attachConsole, runningPlan } from './console.ts';
export type { Deadline, MachineContext } from './context.ts';
export {
  type DestroyOptions,
  destroyMachine,
  qmpCommand,
  reapMachine,
  rebootMachine,
  resetMachine,
  resumeMachine,
  type ShutdownOptions,
  shutdownMachine,
  suspendMachine,
} from './control.ts';
export {
  type Definition,
  definedMachines,
  defineMachine,
  readDefinition,
  undefineMachine,
} from './definitions.ts';
export {
  detachFunction,
  reattachFunction,
  resetNodeDevice,
  type VfioFunction,
  vfioFunctions,
} from './detached.ts';
export { type Directories, type DirectoryQuery, findDirectories } from './directories.ts';
export { dumpXml } from './dump-xml.ts';
export { lastEnd, type MachineEnd, tellLostRecord } from './end.ts';
export { type EventsOptions, machineEvents } from './events.ts';
export { type FdGroups, withDescriptors } from './fd-groups.ts';
export { runDirectory } from './files.ts';
export { machineName } from './find.ts';
export { tellLostHelpers } from './helpers.ts';
export type { EndReason } from './judge.ts';
export { findLeftovers, type Leftover, type Reaped, reapAll } from './leftovers.ts';
export { memoryOfGuests } from './memory.ts';
export { checkName } from './names.ts';
export { filesNotGivenBack, filesNotRemoved, ownersFor } from './owners.ts';
export type { MachineEvent } from './record.ts';
export { withSecrets } from './secrets/resolve.ts';
export {
  defineSecret,
  listSecrets,
  readSecretDefinition,
  setSecretValue,
  shownSecretValue,
  undefineSecret,
} from './secrets/store.ts';
export { type StartedMachine, type StartOptions, startMachine } from './start.ts';
export { type DomainState, listMachines, type MachineStatus, machineStatus } from './status.ts';
export { threadProblems } from './threads.ts';
