import { dirname, join } from 'node:path';
import { fail } from '../errors/index.ts';
import { makeDirectories, missingDirectories, unlessCode } from './directories.ts';
import { hostErrors } from './errors.ts';
import { hashedName } from './hashed-name.ts';
import { withFileLock } from './lock.ts';
import { type SharedUndo, undoShared } from './shared-undo.ts';
import type { HostSystem } from './system.ts';
import { halfOf } from './written-file.ts';

/** Who owns what no two machines may have at once. */
export interface Owners {
  /** Where the ownership files are. */
  readonly directory: string;
  /** The machine that is being started. */
  readonly machine: string;
  /** Whether a machine of this name is there: what nobody has any more is free. */
  isThere(machine: string): boolean;
  /** The process of its QEMU; undefined if there is none (yet). */
  qemuOf?(machine: string): number | undefined;
}

/** What a machine wants: for itself alone, or with others who want it so too. */
export interface Claim {
  /** `file:/path`, `pci:0000:01:00.0` */
  readonly resource: string;
  readonly isShared: boolean;
  /** Those who share it only read: who shares it to write is not one of them. */
  readonly isReadOnly?: boolean;
  /** What the last to give it back has to undo; asked of the first to take it, before anything is done. */
  readonly undoOfLast?: (host: HostSystem) => SharedUndo | undefined;
  /** What the others may know of this machine's part; plain JSON. */
  readonly note?: unknown;
  /** It is this much of the resource that is wanted, and wanted alone; a machine may have several. */
  readonly part?: Part;
}

/** A part of a resource that is divided. */
export interface Part {
  /** What it is called: `tcp:127.0.0.1:5900`. */
  readonly name: string;
  /** Plain JSON. */
  readonly note: unknown;
  /** Whether what another has noted is the same, or has something in common with it. */
  readonly isSame: (note: unknown) => boolean;
}

/** What a claim is on, in words. */
export function nameOfClaim({ resource, part }: Claim): string {
  return part?.name ?? resource;
}

/** A claim on something that nobody else may have. */
export function alone(resource: string): Claim {
  return { resource, isShared: false };
}

interface Ownership extends Omit<Claim, 'undoOfLast' | 'note' | 'part'> {
  /** Who came first stands first. */
  readonly machines: readonly string[];
  readonly notes?: Readonly<Record<string, unknown>>;
  readonly parts?: Readonly<Record<string, readonly unknown[]>>;
  /** Absent if it was as the machines need it before the first of them. */
  readonly undo?: SharedUndo;
}

const LOCK = '.lock';
const FILE_MODE = 0o600;

/** The file that says who owns `resource` (`file:/path`, `pci:0000:01:00.0`). */
export function ownershipFile({ directory }: Owners, resource: string): string {
  return join(directory, hashedName(resource));
}

/** The machine that has what `claim` wants, so that it cannot be had; undefined if it can. */
export function otherOwner(
  host: HostSystem,
  owners: Owners,
  { resource, isShared, isReadOnly = false, part }: Claim,
): string | undefined {
  const owned = readOwnership(host, ownershipFile(owners, resource));
  if (part !== undefined)
    return othersOf(owned, owners).find((machine) => owned?.parts?.[machine]?.some(part.isSame));
  const wantTheSame = isShared && owned?.isShared === true && isReadOnly === (owned.isReadOnly ?? false);
  return wantTheSame ? undefined : othersOf(owned, owners)[0];
}

function othersOf(owned: Ownership | undefined, owners: Owners): readonly string[] {
  return (owned?.machines ?? []).filter((m) => m !== owners.machine && owners.isThere(m));
}

/**
 * Takes a resource for the machine.
 * @throws QdomError `host/taken`, with the machine that has it.
 */
export async function takeOwnership(host: HostSystem, owners: Owners, claim: Claim): Promise<void> {
  const { resource, isShared, isReadOnly, part } = claim;
  const path = ownershipFile(owners, resource);
  makeDirectories(missingDirectories(owners.directory, host), host);
  await withDirectoryLock(host, owners.directory, async () => {
    const owned = readOwnership(host, path);
    const machine = otherOwner(host, owners, claim);
    if (machine !== undefined) throw fail(hostErrors.taken, { resource: nameOfClaim(claim), machine });
    const others = othersOf(owned, owners);
    // What a machine that is no more has left undone is still to be undone.
    const undo = others.length > 0 ? owned?.undo : (owned?.undo ?? claim.undoOfLast?.(host));
    write(host, path, {
      resource,
      isShared,
      ...(isReadOnly && { isReadOnly }),
      machines: [...others, owners.machine],
      ...(undo && { undo }),
      ...(claim.note !== undefined && { notes: { ...owned?.notes, [owners.machine]: claim.note } }),
      ...(part !== undefined && { parts: withPart(owned, owners.machine, part) }),
    });
  });
}

/** What a machine that is not one of the owners has left there does not count. */
function withPart(
  owned: Ownership | undefined,
  machine: string,
  { note }: Part,
): NonNullable<Ownership['parts']> {
  const own = owned?.machines.includes(machine) ? owned.parts?.[machine] : undefined;
  return { ...owned?.parts, [machine]: [...(own ?? []), note] };
}

/** What the others have noted who share the resource and had it before this machine, or have it while it has not. */
export function notesBefore(
  host: HostSystem,
  owners: Owners,
  resource: string,
): readonly { readonly machine: string; readonly note: unknown }[] {
  const { machines = [], notes = {} } = readOwnership(host, ownershipFile(owners, resource)) ?? {};
  const own = machines.indexOf(owners.machine);
  return machines
    .filter((machine, index) => (own < 0 || index < own) && owners.isThere(machine))
    .flatMap((machine) => (machine in notes ? [{ machine, note: notes[machine] }] : []));
}

/** The parts of a resource that machines have. */
export function partsOf(host: HostSystem, owners: Owners, resource: string): readonly unknown[] {
  const owned = readOwnership(host, ownershipFile(owners, resource));
  return othersOf(owned, owners).flatMap((machine) => owned?.parts?.[machine] ?? []);
}

/** Gives it back, if it is still the machine's; the last undoes what was done for all of them. */
export async function dropOwnership(host: HostSystem, path: string, machine: string): Promise<void> {
  const isOwner = () => readOwnership(host, path)?.machines.includes(machine) === true;
  if (!isOwner() && host.status(halfOf(path)) === undefined) return;
  await withDirectoryLock(host, dirname(path), async () => {
    unlessCode('ENOENT', () => host.removeFile(halfOf(path)));
    const owned = readOwnership(host, path);
    if (owned === undefined || !isOwner()) return;
    const machines = owned.machines.filter((other) => other !== machine);
    if (machines.length > 0) return write(host, path, { ...owned, machines });
    if (owned.undo !== undefined) await undoShared(owned.undo, host);
    unlessCode('ENOENT', () => host.removeFile(path));
  });
}

function write(host: HostSystem, path: string, ownership: Ownership): void {
  host.writeFile(path, `${JSON.stringify(ownership)}\n`, FILE_MODE);
}

function readOwnership(host: HostSystem, path: string): Ownership | undefined {
  try {
    return JSON.parse(host.readText(path) ?? '') as Ownership;
  } catch {
    return undefined;
  }
}

const LOCK_TIMEOUT_MS = 10_000;

/** Held for the time of a few file operations or one short command: whoever has it is about to give it back. */
export function withDirectoryLock<T>(
  host: HostSystem,
  directory: string,
  body: () => Promise<T>,
): Promise<T> {
  return withFileLock(host, join(directory, LOCK), LOCK_TIMEOUT_MS, body);
}
