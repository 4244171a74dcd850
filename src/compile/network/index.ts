export { completeNetwork, type NetworkChoices } from './complete.ts';
export { printNetwork, readNetwork } from './read.ts';
export { networkRequirements } from './requirements.ts';
export type { Network } from './schema.ts';
