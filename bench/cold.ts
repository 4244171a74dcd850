import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { desktop } from './domains.ts';
import { median } from './measure.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/**
 * Node reads these certificates at every start, which takes longer than all else that it does: with them in both times the
 * ratio would look better than it is.
 */
const env = { NODE_EXTRA_CA_CERTS: undefined, LC_ALL: 'C' };

/**
 * `qdom compile FILE` as a user types it, its QEMU asked before, beside a Node that does nothing, turn by turn; and virsh
 * where it is. Processor time is said too, as it is the same on a machine that has other things to do.
 */
export async function benchCold(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qdom-bench-'));
  try {
    const file = path.join(directory, 'desktop.xml');
    writeFileSync(file, desktop());
    const compile = [process.execPath, CLI, '--root', directory, 'compile', file];
    const nothing = [process.execPath, '-e', '0'];
    await timed(compile);
    const runs: [Times, Times][] = [];
    for (let i = 0; i < RUNS; i++) runs.push([await timed(compile), await timed(nothing)]);
    const said = (of: keyof Times) => {
      const [ours, node] = [quartile(runs.map(([a]) => a[of])), quartile(runs.map(([, b]) => b[of]))];
      return `qdom compile ${ours} ms, node -e 0 ${node} ms: ${(ours / node).toFixed(2)} times`;
    };
    console.log(`cold: ${said('clock')} (at most 1.5)`);
    console.log(`cold: processor time: ${said('processor')}`);
    console.log(
      'cold: (lower quartiles of whole processes, capabilities of the QEMU cached, no extra certificates)',
    );
    await benchVirsh(directory, file, quartile(runs.map(([a]) => a.clock)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const RUNS = 40;

/** In milliseconds. */
interface Times {
  readonly clock: number;
  readonly processor: number;
}

/** How long a process takes, as bash says it: Node does not tell how much of the processor its children had. */
async function timed(command: readonly string[]): Promise<Times> {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@"';
  const { stderr } = await execa('bash', ['-c', script, 'time', ...command], { env });
  const [clock = 0, user = 0, system = 0] = (stderr.split('\n').at(-1) ?? '')
    .split(' ')
    .map((seconds) => Math.round(Number(seconds) * 1000));
  return { clock, processor: user + system };
}

function quartile(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)] ?? Number.NaN;
}

async function benchVirsh(directory: string, file: string, ours: number): Promise<void> {
  const uri = `qemu:///embed?root=${directory}/libvirt`;
  const virsh = () => execa('virsh', ['-q', '-c', uri, 'domxml-to-native', 'qemu-argv', '--xml', file]);
  try {
    await virsh();
  } catch {
    console.log('cold: virsh is not here to compare with');
    return;
  }
  const theirs = await median(10, 1, virsh);
  console.log(
    `cold: virsh domxml-to-native ${theirs.toFixed(0)} ms: qdom takes ${(ours / theirs).toFixed(2)} of it`,
  );
}
