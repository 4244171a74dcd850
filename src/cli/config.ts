import { type Config, readConfig as readConfigFile } from '../environment/config.ts';
import type { CliContext } from './context.ts';
import { directoriesOf } from './directories.ts';

/** The configuration file: the one named by `--config`, else the usual one. */
export function readConfig(cx: CliContext): Config {
  return readConfigFile(directoriesOf(cx), cx.config);
}
