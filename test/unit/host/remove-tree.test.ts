import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHost } from '../../../src/host/real.ts';
import { directoryStep } from '../../../src/host/steps/directory.ts';
import { cleanUp } from '../../../src/machine/end.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { findDirectories } from '../../../src/machine/index.ts';
import { newState, writeState } from '../../../src/machine/state.ts';

const host = realHost();
let root: string;
let tree: string;
let kept: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tree-'));
  tree = join(root, 'tree');
  kept = join(root, 'elsewhere');
  for (const path of [tree, kept]) mkdirSync(path);
  writeFileSync(join(kept, 'file'), '');
});
afterEach(() => rmSync(root, { recursive: true }));

/** What a guest that has broken out into its QEMU could leave in a directory of QEMU's. */
function plant(directory: string): void {
  symlinkSync(kept, join(directory, 'link'));
  mkdirSync(join(directory, 'inner'));
  symlinkSync(kept, join(directory, 'inner/link'));
  symlinkSync('/nowhere', join(directory, 'inner/dangling'));
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]), '');
  host.makeFifo(join(directory, 'fifo'), 0o600);
}

describe('a directory that somebody else may write in', () => {
  it('is removed with all that is in it, and no link in it is followed', () => {
    plant(tree);
    host.removeTree(tree);
    expect(readdirSync(root)).toEqual(['elsewhere']);
    expect(readdirSync(kept)).toEqual(['file']);
    host.removeTree(tree);
  });

  it('is not removed through a link in its place', () => {
    symlinkSync(kept, join(root, 'link'));
    host.removeTree(join(root, 'link'));
    expect(readdirSync(root).sort()).toEqual(['elsewhere', 'tree']);
    expect(readdirSync(kept)).toEqual(['file']);
  });

  it("is QEMU's home, which goes with its machine", async () => {
    const directories = findDirectories({ root, uid: 0, home: '/', env: {} });
    const files = machineFiles(directories, 'g');
    mkdirSync(files.home, { recursive: true });
    plant(files.home);
    const state = newState(host, { name: 'g', uuid: 'u' });
    writeState(host, files, { ...state, phase: 'running' });
    await cleanUp({ host, directories, reapCommand: [] }, 'g');
    expect(existsSync(files.directory)).toBe(false);
    expect(readdirSync(kept)).toEqual(['file']);
  });

  it("is that of QEMU's guest memory, also with a directory in it", async () => {
    plant(tree);
    await directoryStep.undo({ made: [tree], emptied: tree }, host, 'ended');
    expect(readdirSync(root)).toEqual(['elsewhere']);
    expect(readdirSync(kept)).toEqual(['file']);
  });

  it('is only emptied where it was there before', async () => {
    plant(tree);
    await directoryStep.undo({ made: [], emptied: tree }, host, 'ended');
    expect(readdirSync(root).sort()).toEqual(['elsewhere', 'tree']);
    expect(readdirSync(kept)).toEqual(['file']);
  });
});
