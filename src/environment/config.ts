import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { fail } from '../errors/index.ts';
import { once } from '../lazy/index.ts';
import type { Directories } from '../machine/directories.ts';
import { environmentErrors as errors } from './errors.ts';

/** The configuration file, documented in docs/configuration.md. Most hosts have none. */
const configSchema = once(() => {
  const path = v.pipe(v.string(), v.startsWith('/', 'it must be an absolute path'));
  const count = (least: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(least));
  const userName = v.pipe(v.string(), v.regex(/^[^:\s]+$/, "it is no user's or group's name"));
  const uuid = v.pipe(v.string(), v.uuid('it is no UUID'), v.toLowerCase());
  return v.strictObject({
    emulator: v.optional(path),
    startTimeoutSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400))),
    dumpGuestCore: v.optional(v.boolean()),
    maxCore: v.optional(
      v.union([count(0), v.literal('unlimited')], "it must be a number of bytes or 'unlimited'"),
    ),
    maxFiles: v.optional(count(64)),
    maxProcesses: v.optional(count(1)),
    user: v.optional(userName),
    group: v.optional(userName),
    dynamicOwnership: v.optional(v.boolean()),
    seccompSandbox: v.optional(v.boolean()),
    vncTls: v.optional(v.boolean()),
    vncSasl: v.optional(v.boolean()),
    spiceTls: v.optional(v.boolean()),
    spiceSasl: v.optional(v.boolean()),
    chardevTls: v.optional(v.boolean()),
    nvramDir: v.optional(path),
    memoryBackingDir: v.optional(path),
    allocateHugepages: v.optional(v.boolean()),
    restrictDevices: v.optional(v.boolean()),
    networks: v.optional(
      v.record(
        v.string(),
        v.strictObject({
          bridge: v.pipe(v.string(), v.regex(/^[^\s/]{1,15}$/, "it is no interface's name")),
        }),
      ),
    ),
    tlsSecrets: v.optional(
      v.strictObject({ vnc: v.optional(uuid), chardev: v.optional(uuid), nbd: v.optional(uuid) }),
    ),
    tls: v.optional(
      v.strictObject({
        vnc: v.optional(path),
        spice: v.optional(path),
        chardev: v.optional(path),
        nbd: v.optional(path),
        migrate: v.optional(path),
        backup: v.optional(path),
      }),
    ),
  });
});

export type Config = v.InferOutput<ReturnType<typeof configSchema>>;

/**
 * Reads a configuration file; with none named, `config.json` in the configuration directory, which need not be there.
 * @throws QdomError `environment/bad-config`, `environment/no-config`
 */
export function readConfig({ config }: Pick<Directories, 'config'>, named?: string): Config {
  const file = named ?? join(config, 'config.json');
  if (!existsSync(file)) {
    if (named === undefined) return {};
    throw fail(errors['no-config'], { file });
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw fail(errors['bad-config'], { file, problem: (cause as Error).message }, { cause });
  }
  const result = v.safeParse(configSchema(), content);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw fail(errors['bad-config'], {
    file,
    problem: where === null ? issue.message : `'${where}': ${issue.message}`,
  });
}
