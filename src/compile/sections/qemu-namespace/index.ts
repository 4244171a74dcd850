export { commandLineArguments, compatOption, overrideProperties } from './emit.ts';
export { qemuCapabilities, qemuCommandline, qemuDeprecation, qemuOverride } from './sections.ts';
