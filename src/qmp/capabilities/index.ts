export { buildCaps } from './build.ts';
export { type CachedProbeOptions, cachedCaps } from './cache.ts';
export type { Answer, Exchange, ExchangeSession, Question } from './exchange.ts';
export { capsFromTranscript, parseTranscript, printTranscript } from './transcript.ts';
