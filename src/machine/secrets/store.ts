import { dirname } from 'node:path';
import { fail, Secret } from '../../errors/index.ts';
import { unlessCode } from '../../host/directories.ts';
import { isInMemory } from '../../host/file-system.ts';
import { takeLock } from '../../host/lock.ts';
import { halfOf } from '../../host/written-file.ts';
import type { SecretDefinition, SecretUsageType } from '../../plan/index.ts';
import type { MachineContext } from '../context.ts';
import { definedSecret, secretFiles, secretsDirectory, secretsLock } from '../files.ts';
import { ensureDirectory, withPermission } from '../host-files.ts';
import { secretErrors as errors } from './errors.ts';

/**
 * The store of secrets: for each a definition and, once it is set, a value, in files that are the user's alone
 * (docs/state-directory.md). Ephemeral ones are in the run directory, which must be in memory.
 */
type StoreContext = Pick<MachineContext, 'directories' | 'host'>;

const FILE_MODE = 0o600;

/**
 * Keeps a definition. One of the same UUID is replaced, and its value stays.
 * @throws QdomError `secret/usage-taken`, `secret/usage-changed`, `secret/stays-private`, `secret/stays-where-it-is`, `secret/busy`,
 *   `machine/no-permission`.
 */
export async function defineSecret(cx: StoreContext, definition: SecretDefinition): Promise<void> {
  checkUuid(definition.uuid);
  await withStore(cx, () => {
    for (const other of listSecrets(cx)) checkClash(definition, other);
    const directory = secretsDirectory(cx.directories, definition);
    ensureDirectory(cx.host, directory);
    const { definition: path } = secretFiles(directory, definition.uuid);
    withPermission(path, 'write', () =>
      cx.host.writeFile(path, `${JSON.stringify(definition)}\n`, FILE_MODE),
    );
  });
}

/** A secret's usage is a name by which it is found, and what was promised of its value must stay true. */
function checkClash(wanted: SecretDefinition, other: SecretDefinition): void {
  const { uuid } = other;
  if (uuid !== wanted.uuid) {
    if (other.usage === undefined || usageText(other) !== usageText(wanted)) return;
    throw fail(errors['usage-taken'], { ...other.usage, uuid });
  }
  if (usageText(other) !== usageText(wanted))
    throw fail(errors['usage-changed'], { uuid, usage: usageText(other) });
  if (other.isPrivate && !wanted.isPrivate) throw fail(errors['stays-private'], { uuid });
  if (other.ephemeral !== wanted.ephemeral)
    throw fail(errors['stays-where-it-is'], { uuid, ephemeral: other.ephemeral ? 'yes' : 'no' });
}

/** `ceph 'mypassid'` */
function usageText({ usage }: SecretDefinition): string {
  return usage === undefined ? 'nothing in particular' : `${usage.type} '${usage.name}'`;
}

/** All definitions, by UUID. */
export function listSecrets(cx: StoreContext): SecretDefinition[] {
  return [true, false]
    .map((ephemeral) => secretsDirectory(cx.directories, { ephemeral }))
    .flatMap((directory) =>
      cx.host
        .listDirectory(directory)
        .flatMap((file) => definedSecret(file) ?? [])
        .flatMap((uuid) => readDefinition(cx, secretFiles(directory, uuid).definition) ?? []),
    )
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

function readDefinition({ host }: StoreContext, path: string): SecretDefinition | undefined {
  const text = host.readText(path);
  if (text === undefined) return undefined;
  try {
    const definition = JSON.parse(text) as SecretDefinition;
    if (typeof definition.uuid === 'string') return definition;
  } catch {
    // Said below.
  }
  throw fail(errors.damaged, { path });
}

/** @throws QdomError `secret/not-found`, `secret/bad-uuid`. */
export function readSecretDefinition(cx: StoreContext, uuid: string): SecretDefinition {
  checkUuid(uuid);
  const found = listSecrets(cx).find((secret) => secret.uuid === uuid);
  if (found === undefined) throw fail(errors['not-found'], { uuid });
  return found;
}

/**
 * Gives a secret its value, any bytes, in place of the one that it has.
 * @throws QdomError `secret/not-found`; `secret/not-in-memory` for an ephemeral one that would be written to disk.
 */
export async function setSecretValue(
  cx: StoreContext,
  uuid: string,
  value: Secret<Uint8Array>,
): Promise<void> {
  await withStore(cx, () => {
    const definition = readSecretDefinition(cx, uuid);
    const directory = secretsDirectory(cx.directories, definition);
    const place = isInMemory(cx.host, directory);
    if (definition.ephemeral && !place.inMemory)
      throw fail(errors['not-in-memory'], { uuid, path: directory, type: place.type });
    const { value: path } = secretFiles(directory, uuid);
    const text = `${Buffer.from(value.reveal()).toString('base64')}\n`;
    withPermission(path, 'write', () => cx.host.writeFile(path, text, FILE_MODE));
  });
}

/**
 * A secret's value, to be shown.
 * @throws QdomError `secret/not-found`, `secret/private`, `secret/no-value`.
 */
export function shownSecretValue(cx: StoreContext, uuid: string): Secret<Uint8Array> {
  const definition = readSecretDefinition(cx, uuid);
  if (definition.isPrivate) throw fail(errors.private, { uuid });
  const value = storedValue(cx, definition);
  if (value === undefined) throw fail(errors['no-value'], { uuid });
  return value;
}

function storedValue({ directories, host }: StoreContext, definition: SecretDefinition) {
  const text = host.readText(secretFiles(secretsDirectory(directories, definition), definition.uuid).value);
  return text === undefined ? undefined : new Secret<Uint8Array>(Buffer.from(text, 'base64'));
}

/** Forgets a secret and its value. @throws QdomError `secret/not-found`. */
export async function undefineSecret(cx: StoreContext, uuid: string): Promise<void> {
  await withStore(cx, () => {
    const definition = readSecretDefinition(cx, uuid);
    const files = secretFiles(secretsDirectory(cx.directories, definition), uuid);
    // The value first: a definition without one does no harm.
    // The value's text may stand in what a killed command was about to rename.
    for (const path of [files.value, halfOf(files.value), files.definition])
      withPermission(path, 'remove', () => unlessCode('ENOENT', () => cx.host.removeFile(path)));
  });
}

/** How something refers to a secret: by UUID, or by what it is for. */
export interface SecretReference {
  readonly uuid?: string | undefined;
  readonly usage?: string | undefined;
  readonly type: SecretUsageType;
}

/** The secret that is meant and its value; either is absent where it is not there. */
export function findSecret(
  cx: StoreContext,
  { uuid, usage, type }: SecretReference,
): { readonly definition?: SecretDefinition; readonly value?: Secret<Uint8Array> } {
  const definition = listSecrets(cx).find((secret) =>
    uuid === undefined ? secret.usage?.type === type && secret.usage.name === usage : secret.uuid === uuid,
  );
  if (definition === undefined) return {};
  const value = storedValue(cx, definition);
  return { definition, ...(value && { value }) };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID is part of file names. @throws QdomError `secret/bad-uuid`. */
function checkUuid(uuid: string): void {
  if (!UUID.test(uuid)) throw fail(errors['bad-uuid'], { uuid });
}

const LOCK_TIMEOUT_MS = 10_000;

/** Runs `body` while nobody else changes the store. */
async function withStore({ directories, host }: StoreContext, body: () => void): Promise<void> {
  const path = secretsLock(directories);
  ensureDirectory(host, dirname(path));
  const fd = await takeLock(() => withPermission(path, 'lock', () => host.tryLock(path)), LOCK_TIMEOUT_MS);
  if (fd === undefined) throw fail(errors.busy, { path, timeoutMs: LOCK_TIMEOUT_MS });
  try {
    body();
  } finally {
    host.closeDescriptor(fd);
  }
}
