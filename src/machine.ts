/** `qdom/machine`: starts and controls machines from a program, as the command line does. */
export * from './environment/index.ts';
export { gatherFacts } from './host/gather-facts.ts';
export { realHost } from './host/real.ts';
export type { HostSystem } from './host/system.ts';
export * from './machine/index.ts';
