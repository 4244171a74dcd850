export { type GatherOptions, gatherFacts } from './gather-facts.ts';
export { type RecordedFacts, readFacts } from './read-facts.ts';
