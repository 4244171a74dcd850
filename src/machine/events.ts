import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { MachineContext } from './context.ts';
import { endedFiles, type MachineFiles, machineFiles } from './files.ts';
import { lostHelpers } from './helpers.ts';
import { checkName } from './names.ts';
import { type MachineEvent, parseEvent } from './record.ts';
import { notRunning } from './require.ts';
import { observe } from './state.ts';

export interface EventsOptions {
  /** Go on until the machine ends. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Its end leaves no trace in the record when QEMU is killed: so often it is looked whether it still lives. */
const LIVENESS_MS = 500;
const CHUNK_BYTES = 65_536;

/**
 * The events of a machine's life from its start on: of the running one, or of the last run.
 * @throws QdomError `machine/not-found`, `machine/not-running` if it never ran.
 */
export async function* machineEvents(
  cx: MachineContext,
  name: string,
  { follow = false, signal }: EventsOptions = {},
): AsyncGenerator<MachineEvent, void, void> {
  checkName(name);
  const files = machineFiles(cx.directories, name);
  // A machine that is just being cleaned up has its record in the log directory before it leaves the other.
  const places = [files.eventsOut, endedFiles(cx.directories, name).events];
  const record = await openFirst(places);
  if (record === undefined) throw notRunning(cx, name);
  const isOver = () => observe(cx.host, files).kind !== 'alive';
  const told = new Set<string>();
  for await (const line of tail(record, follow ? isOver : () => true, signal)) {
    const event = line === undefined ? undefined : parseEvent(line);
    if (event !== undefined) yield event;
    else if (line === undefined) yield* newlyLost(cx, files, told);
  }
}

/** The event that says of a program beside QEMU that it has ended; QEMU knows nothing of it. */
const HELPER_ENDED = 'QDOM_HELPER_ENDED';

/** An event for each helper that is no more, once; its time is when that was seen. */
function newlyLost(cx: MachineContext, files: MachineFiles, told: Set<string>): MachineEvent[] {
  const lost = lostHelpers(cx.host, files).filter(({ device }) => !told.has(device));
  for (const { device } of lost) told.add(device);
  return lost.map((helper) => ({ event: HELPER_ENDED, data: { ...helper }, timestampMs: Date.now() }));
}

interface OpenRecord {
  readonly path: string;
  readonly file: FileHandle;
}

/** The first of these files that is there. */
async function openFirst(paths: readonly string[]): Promise<OpenRecord | undefined> {
  for (const path of paths) {
    try {
      return { path, file: await open(path, 'r') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** The lines of a growing file, and undefined where there are none for now, until `isOver` and nothing more is in it. The file may be unlinked meanwhile. */
async function* tail(
  { path, file }: OpenRecord,
  isOver: () => boolean,
  signal?: AbortSignal,
): AsyncGenerator<string | undefined> {
  const change = watchFor(path, signal);
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    for (;;) {
      // Asked before reading: what comes before the end is read after it.
      const over = isOver() || signal?.aborted === true;
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        yield rest.subarray(0, end).toString();
        rest = rest.subarray(end + 1);
      }
      if (bytesRead > 0) continue;
      yield undefined;
      if (over) return;
      await change.next();
    }
  } finally {
    change.close();
    await file.close();
  }
}

/** `next` resolves when the file may have grown since it resolved last, or after `LIVENESS_MS`. */
function watchFor(path: string, signal?: AbortSignal) {
  const state = { changed: false, wake: () => {} };
  const onChange = () => {
    state.changed = true;
    state.wake();
  };
  const watcher = watchIfThere(path, onChange);
  signal?.addEventListener('abort', onChange);
  return {
    next: async () => {
      if (!state.changed)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LIVENESS_MS);
          state.wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      state.changed = false;
    },
    close: () => {
      signal?.removeEventListener('abort', onChange);
      watcher?.close();
    },
  };
}

/** A file that was unlinked after it was opened changes no more; looking now and then is enough for it. */
function watchIfThere(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, onChange).on('error', onChange);
  } catch {
    return undefined;
  }
}
