export { createMdev, destroyMdev, reapMdevs, startMdev, unfinishedMdevs } from './active.ts';
export {
  activeMdev,
  definedMdevs,
  defineMdev,
  type KnownMdev,
  knownMdevs,
  readMdevDefinition,
  undefineMdev,
} from './registry.ts';
