import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../src/host/wait.ts';
import { bootSector } from '../helpers/boot-sector.ts';
import { qdomCommand } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';

const root = mkdtempSync(join(tmpdir(), 'output-'));
afterAll(async () => {
  await waitUntil(() => processesOf(root).length === 0, 10_000);
  rmSync(root, { recursive: true });
});

/** Runs the command line inside of a shell's line, as `"$@"`; its own status is the last line on stdout. */
async function inShell(line: string, ...args: string[]) {
  const words = ['-c', line, 'sh', ...qdomCommand(root), ...args];
  const { stdout, stderr } = await execa('bash', words, { reject: false, timeout: 60_000 });
  return { status: Number(stdout.trim().split('\n').at(-1)), stderr };
}

describe('output that nobody takes', () => {
  it.each([['list'], ['--help'], ['list', '--help'], ['--version']])(
    'a full disk is an error, and no stack trace: %s %s',
    async (...words) => {
      const { status, stderr } = await inShell('"$@" >/dev/full; echo $?', ...words);
      expect(status).toBe(10);
      expect(stderr).toBe(
        'qdom: error: standard output cannot be written: ENOSPC: no space left on device, write',
      );
    },
  );

  it('a reader of the answer that goes away is none', async () => {
    const { status, stderr } = await inShell('"$@" | true; echo "$PIPESTATUS"', 'doctor');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('an error that nobody reads has its exit status', async () => {
    const line = 'exec 3>&1; { "$@"; echo $? >&3; } 2>&1 >/dev/null | true';
    expect(await inShell(line, 'list', '--frob')).toMatchObject({ status: 2 });
  });

  it('input that does not come is awaited until a signal', async () => {
    // Whoever has it open for writing too waits without end.
    const fifo = join(root, 'fifo');
    const line = `mkfifo ${fifo}; exec 4<>${fifo}; timeout --preserve-status -s INT -k 20 4 "$@" <&4; echo $?`;
    expect(await inShell(line, 'define', '-')).toMatchObject({ status: 130 });
  });

  it.skipIf(!hasQemu)(
    `a machine in the foreground ends with its reader${hasQemu ? '' : ` (${noQemu})`}`,
    async () => {
      const [file, image] = [join(root, 'g.xml'), join(root, 'g.img')];
      // It greets, and greets again: its words may come at once, and only what comes after a reader has gone has none.
      writeFileSync(image, bootSector('reset'));
      writeFileSync(
        file,
        `<domain type='qemu'>
  <name>g</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='${image}'/><target dev='hda' bus='ide'/></disk>
    <serial type='pty'/>
  </devices>
</domain>
`,
      );
      const line = '"$@" </dev/null | head -c 1 >/dev/null; echo "$PIPESTATUS"';
      expect(await inShell(line, 'run', file)).toMatchObject({ status: 141 });
      expect(await waitUntil(() => processesOf(root).length === 0, 15_000)).toBe(true);
    },
    60_000,
  );
});
