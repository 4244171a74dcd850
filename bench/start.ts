import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { loadLibc } from '../src/host/ffi.ts';
import { listenUnix } from '../src/host/listen.ts';
import { QmpClient } from '../src/qmp/index.ts';
import { median } from './measure.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const RUNS = 10;

/** The command to a running guest, beside the same QEMU started bare with a QMP socket that is open before. */
export async function benchStart(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qdom-bench-'));
  const qdom = (...args: string[]) => execa(process.execPath, [CLI, '--root', directory, ...args]);
  try {
    const file = path.join(directory, 'idle.xml');
    writeFileSync(file, idleDomain());
    await qdom('define', file);
    const start = async () => {
      await qdom('start', 'idle');
    };
    const ours = await medianWithout(start, () => qdom('destroy', 'idle'));
    await qdom('start', 'idle');
    reportMemory(JSON.parse((await qdom('--json', 'dominfo', 'idle')).stdout).pid);
    const { stdout } = await qdom('compile', '--format', 'argv', file);
    await qdom('destroy', 'idle');
    const bare = await benchBare(directory, stdout.split('\n'));
    const [greeting, node] = [bare, await median(RUNS, 2, () => execa(process.execPath, ['-e', '0']))];
    console.log(
      `start: qdom start ${ours.toFixed(0)} ms, QEMU bare ${greeting.toFixed(0)} ms, node -e 0 ${node.toFixed(0)} ms: ${(ours / (greeting + node)).toFixed(2)} times both`,
    );
  } finally {
    await qdom('destroy', 'idle').catch(() => {});
    rmSync(directory, { recursive: true, force: true });
  }
}

async function medianWithout(action: () => Promise<unknown>, after: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const begin = performance.now();
    await action();
    times.push(performance.now() - begin);
    await after();
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(RUNS / 2)] ?? Number.NaN;
}

/** From spawning QEMU to its answer to `cont`. */
async function benchBare(directory: string, words: readonly string[]): Promise<number> {
  const [binary = '', ...argv] = words.filter((w) => w !== '');
  const libc = loadLibc();
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const socket = path.join(directory, `bare-${i}.sock`);
    const fd = listenUnix(libc, socket);
    const options = withoutRecorder(argv).map((w) => w.replaceAll('@qmp@', '3'));
    const begin = performance.now();
    const child = spawn(binary, options, { stdio: ['ignore', 'ignore', 'ignore', fd] });
    const client = await QmpClient.connect({ path: socket });
    await client.execute('cont');
    times.push(performance.now() - begin);
    const ended = once(child, 'exit');
    await client.execute('quit').catch(() => {});
    await client.close();
    await ended;
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(RUNS / 2)] ?? Number.NaN;
}

/** The flight recorder's files are made by the launcher; bare QEMU has none. */
function withoutRecorder(argv: readonly string[]): string[] {
  return argv.filter((word, i) => {
    const option = word.startsWith('-') ? `${argv[i + 1]}` : word;
    return !/(^pipe,|chardev=charevents)/.test(option);
  });
}

/** What stays resident beside QEMU for a machine: the shell that waits for it. */
function reportMemory(qemuPid: number): void {
  const shell = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${qemuPid}/status`, 'utf8'))?.[1] ?? '';
  const beside = memoryKiB(shell);
  const qemu = memoryKiB(String(qemuPid));
  if (beside === undefined || qemu === undefined) return;
  const share = ((100 * beside.resident) / qemu.resident).toFixed(1);
  console.log(
    `memory beside QEMU: ${beside.resident} KiB resident, ${beside.own} KiB of its own: ${share} % of QEMU's ${qemu.resident} KiB`,
  );
}

function memoryKiB(pid: string): { readonly resident: number; readonly own: number } | undefined {
  const rollup = `/proc/${pid}/smaps_rollup`;
  if (!existsSync(rollup)) return undefined;
  const text = readFileSync(rollup, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { resident: field('Rss'), own: field('Private_Clean') + field('Private_Dirty') };
}

function idleDomain(): string {
  const type = existsSync('/dev/kvm') ? 'kvm' : 'qemu';
  return `<domain type='${type}'>
  <name>idle</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <cpu mode='custom' match='exact' check='none'><model>qemu64</model></cpu>
  <devices><controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>
`;
}
