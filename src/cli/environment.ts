import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fail } from '../errors/index.ts';
import { readFacts } from '../host/read-facts.ts';
import type { CompileEnv, Profile } from '../plan/index.ts';
import { cliErrors } from './errors.ts';
import { recordedCaps } from './recorded-caps.ts';

/** What the user may say of the environment a domain is compiled for. */
export interface EnvironmentOptions {
  readonly profile: Profile;
  readonly uuid: string;
  readonly incoming?: string;
  readonly abiUpdate?: boolean;
}

/** The environment that a facts file describes: nothing of the real host is looked at. */
export function recordedEnvironment(factsFile: string, options: EnvironmentOptions): CompileEnv {
  if (!existsSync(factsFile)) throw fail(cliErrors['no-such-file'], { file: factsFile, problem: 'ENOENT' });
  const { facts, config, binary, transcript } = readFacts(factsFile);
  return { caps: recordedCaps(readTranscript(transcript)), binary, facts, config, ...options };
}

/** A recorded conversation is long and repeats itself: it may be kept compressed. */
function readTranscript(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
