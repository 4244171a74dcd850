import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import tmp from 'tmp';
import { linuxGuest } from '../../guest/linux.ts';
import { bundleTests, labTests } from './bundle.ts';
import { labKernel } from './kernel.ts';
import { labArguments } from './qemu.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const QEMU = process.env.QDOM_LAB_QEMU ?? 'qemu-system-x86_64';
/** For everything in the lab; three minutes on two cores that do nothing else, many times that on a busy machine. */
const DEADLINE_MS = 25 * 60_000;
const KERNEL_LINES = 30;

/** What came of a run of the lab. */
export type LabResult =
  /** It cannot be had here, or the shell has ended. */
  | { readonly none: string }
  /** The file of vitest's JSON report; it is there until `end` is called. */
  | { readonly report: string; readonly end: () => void }
  /** It did not reach its end. */
  | { readonly broken: string };

/**
 * Boots the lab, runs its tests (those whose file's name matches one of the filters; all without filters) or a shell, and ends
 * it. What is said inside goes to standard output as it comes. The lab dies with this process, however that ends.
 */
export async function runLab(mode: 'tests' | 'shell', filters: readonly string[]): Promise<LabResult> {
  const { exitCode: noQemu, stdout: models } = await execa(QEMU, ['-device', 'help'], { reject: false });
  if (noQemu !== 0) return { none: `there is no ${QEMU}` };
  const kernel = await labKernel();
  if ('missing' in kernel) return { none: kernel.missing };
  // Made out here, where packages can be had, for the tests that start it inside.
  await linuxGuest();
  const { name: directory, removeCallback: end } = tmp.dirSync({ prefix: 'qdom-lab-', unsafeCleanup: true });
  const tests = path.join(PROJECT, '.cache/lab', `tests-${process.pid}`);
  if (mode === 'tests') await bundleTests(PROJECT, labTests(PROJECT, filters), tests);
  const { bin } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8'));
  const orders = { project: PROJECT, mode, tests, qdom: bin.qdom };
  for (const [name, text] of Object.entries(orders)) writeFileSync(path.join(directory, name), text);
  const hasIgb = models.includes('name "igb"');
  // setpriv makes the kernel end QEMU if we die, by whatever signal.
  const command = ['--pdeathsig', 'KILL', QEMU, ...labArguments({ kernel, directory, hasIgb })];
  const { timedOut, exitCode } = await execa('setpriv', command, {
    stdio: [mode === 'shell' ? 'inherit' : 'ignore', 'inherit', 'inherit'],
    ...(mode === 'shell' ? {} : { timeout: DEADLINE_MS, forceKillAfterDelay: 2000 }),
    reject: false,
  });
  rmSync(tests, { recursive: true, force: true });
  const report = path.join(directory, 'report.json');
  if (mode === 'tests' && existsSync(report)) return { report, end };
  const why = timedOut ? `was not done in ${DEADLINE_MS / 60_000} minutes` : `ended by itself (${exitCode})`;
  const said = lastLines(path.join(directory, 'kernel.log'));
  end();
  return mode === 'shell'
    ? { none: 'the shell has ended' }
    : { broken: `The lab ${why}. Its kernel said:\n${said}` };
}

function lastLines(file: string): string {
  return existsSync(file)
    ? readFileSync(file, 'utf8').split('\n').slice(-KERNEL_LINES).join('\n')
    : 'nothing';
}
