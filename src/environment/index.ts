export { type Config, readConfig } from './config.ts';
export { DEFAULT_EMULATOR, type HostEnvironmentOptions, hostEnvironment } from './host-environment.ts';
