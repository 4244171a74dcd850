/** Machines on full disks: prints what became of them. */
import { existsSync, mkdirSync, readFileSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { openSteps } from '../../../src/host/journal.ts';
import { realHost } from '../../../src/host/real.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { destroyMachine, machineStatus, startMachine } from '../../../src/machine/index.ts';
import { qdom } from '../../helpers/cli.ts';
import { createMachines } from '../../helpers/machines.ts';

const machines = createMachines();
const { cx, root } = machines;
const points: Record<string, unknown> = {};
const run = join(root, 'run');
const log = join(root, 'log');

/** Leaves so much of a file system free, and no more. */
function fill(directory: string, freeBytes: number): void {
  const { bavail, bsize } = statfsSync(directory);
  writeFileSync(join(directory, 'filler'), Buffer.alloc(Math.max(bavail * bsize - freeBytes, 0)));
}
const makeRoom = (directory: string) => unlinkSync(join(directory, 'filler'));
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

try {
  for (const directory of [run, log]) {
    mkdirSync(directory);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=1M,mode=700', 'none', directory]);
  }
  const plan = machines.plan('g');
  const { directory } = machineFiles(cx.directories, 'g');

  await startMachine(cx, plan);
  fill(log, 0);
  points.endWithoutRecord = await destroyMachine(cx, 'g');
  points.leftWithoutRecord = existsSync(directory);
  points.startWithoutRecord = (await startMachine(cx, plan)).name;
  points.warning = (await qdom(root, ['destroy', 'g'])).stderr;
  makeRoom(log);

  const failures: unknown[] = [];
  for (let freeBytes = 0; freeBytes < 32_768; freeBytes += 4096) {
    fill(run, freeBytes);
    failures.push(await startMachine(cx, plan).then(() => 'started', wordsOf));
    makeRoom(run);
    if (existsSync(directory)) failures.push(await machineStatus(cx, 'g').catch(wordsOf));
    if (existsSync(directory)) await destroyMachine(cx, 'g');
  }
  points.failures = failures;
  points.left = existsSync(directory);

  // A line of the journal that does not fit.
  const journal = join(run, 'journal');
  const entry = { op: 'intent', step: 0, type: 'directory', record: { made: ['x'.repeat(3000)] } } as const;
  fill(run, 4096);
  const host = realHost();
  host.appendLine(journal, JSON.stringify(entry));
  points.torn = [1, 2].map((step) => {
    try {
      host.appendLine(journal, JSON.stringify({ ...entry, step }));
      return 'written';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  });
  points.lines = readFileSync(journal, 'utf8').split('\n').length - 1;
  points.steps = openSteps(host, journal).length;
  unlinkSync(journal);
  makeRoom(run);

  fill(run, 0);
  points.refused = (await qdom(root, ['--json', 'destroy', 'other'])).stderr;
  makeRoom(run);
} finally {
  await machines.end().catch(() => undefined);
  for (const directory of [run, log]) await execa('umount', ['-l', directory], { reject: false });
}
await machines.end().catch(() => undefined);
process.stdout.write(JSON.stringify(points));
