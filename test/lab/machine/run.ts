import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import tmp from 'tmp';
import { linuxGuest } from '../../guest/linux.ts';
import { watchProcessors } from './alive.ts';
import { bundleTests, PROJECT } from './bundle.ts';
import { type LabKernel, labKernel } from './kernel.ts';
import { labArguments, PROCESSORS } from './qemu.ts';

const QEMU = process.env.QDOM_LAB_QEMU ?? 'qemu-system-x86_64';
/** For everything in the lab; five minutes on two cores that do nothing else, a few times that on a busy machine. */
const DEADLINE_MS = 25 * 60_000;
const KERNEL_LINES = 30;

/** How a boot of the lab ended: by itself or at its deadline, or because the emulator lost it. */
type Ending =
  | { readonly kind: 'ended'; readonly said: string }
  | { readonly kind: 'lost'; readonly said: string };

/** A lab that can be booted, more than once. */
export class Lab {
  /** Shared with the lab: its orders, its report and its kernel's log. */
  readonly directory: string;
  readonly #remove: () => void;
  readonly #kernel: LabKernel;
  readonly #hasIgb: boolean;
  readonly #until = Date.now() + DEADLINE_MS;

  private constructor(kernel: LabKernel, hasIgb: boolean) {
    const { name, removeCallback } = tmp.dirSync({ prefix: 'qdom-lab-', unsafeCleanup: true });
    this.directory = name;
    this.#remove = removeCallback;
    this.#kernel = kernel;
    this.#hasIgb = hasIgb;
  }

  /** Makes what a boot needs. @returns why it cannot be had here, where it cannot */
  static async prepare(): Promise<Lab | { readonly missing: string }> {
    const { exitCode: noQemu, stdout: models } = await execa(QEMU, ['-device', 'help'], { reject: false });
    if (noQemu !== 0) return { missing: `there is no ${QEMU}` };
    const kernel = await labKernel();
    if ('missing' in kernel) return kernel;
    // Made out here, where packages can be had, for the tests that start it inside.
    await linuxGuest();
    return new Lab(kernel, models.includes('name "igb"'));
  }

  /** The report that `test/reporter.ts` writes in there, of all boots. */
  get report(): string {
    return path.join(this.directory, 'report.jsonl');
  }

  /** Boots it into a shell, until that ends. */
  async shell(): Promise<void> {
    await this.#boot('shell', '', 'inherit');
  }

  /** Boots it and runs these files of tests; what is said inside goes to standard output as it comes. */
  async run(files: readonly string[]): Promise<Ending> {
    const tests = path.join(PROJECT, '.cache/lab', `tests-${process.pid}`);
    await bundleTests(files, tests);
    try {
      return await this.#boot('tests', tests, 'ignore');
    } finally {
      rmSync(tests, { recursive: true, force: true });
    }
  }

  /** The status of the tests' runner in the last boot; undefined if that did not come to its end. */
  get status(): number | undefined {
    const file = path.join(this.directory, 'status');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }

  /** The last that its kernel said. */
  kernelSaid(): string {
    return this.#kernelLog().split('\n').slice(-KERNEL_LINES).join('\n');
  }

  #kernelLog(): string {
    const file = path.join(this.directory, 'kernel.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : 'nothing';
  }

  end(): void {
    this.#remove();
  }

  /** The lab dies with this process, however that ends. */
  async #boot(mode: 'tests' | 'shell', tests: string, stdin: 'inherit' | 'ignore'): Promise<Ending> {
    const { bin } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8'));
    const orders = { project: PROJECT, mode, tests, qdom: bin.qdom };
    for (const [name, text] of Object.entries(orders)) writeFileSync(path.join(this.directory, name), text);
    for (const name of ['status', ...PROCESSORS.map((cpu) => `alive-${cpu}`)])
      rmSync(path.join(this.directory, name), { force: true });
    const lab = { kernel: this.#kernel, directory: this.directory, hasIgb: this.#hasIgb };
    const stop = new AbortController();
    // setpriv makes the kernel end QEMU if we die, by whatever signal.
    const running = execa('setpriv', ['--pdeathsig', 'KILL', QEMU, ...labArguments(lab)], {
      stdio: [stdin, 'inherit', 'inherit'],
      cancelSignal: stop.signal,
      forceKillAfterDelay: 2000,
      ...(mode === 'tests' && { timeout: Math.max(1, this.#until - Date.now()) }),
      reject: false,
    });
    let lost: number | undefined;
    const endWatch = watchProcessors(this.directory, PROCESSORS, (cpu) => {
      lost = cpu;
      stop.abort();
    });
    const { timedOut, exitCode } = await running.finally(endWatch);
    if (lost !== undefined) return { kind: 'lost', said: `its processor ${lost} stands still` };
    if (this.#kernelLog().includes('Kernel panic')) return { kind: 'lost', said: 'its kernel has panicked' };
    const said = timedOut
      ? `was not done in ${DEADLINE_MS / 60_000} minutes`
      : `ended by itself (${exitCode})`;
    return { kind: 'ended', said };
  }
}
