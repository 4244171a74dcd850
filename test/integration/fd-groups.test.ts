import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../src/host/wait.ts';
import { bootSector, GREETING } from '../helpers/boot-sector.ts';
import { qdomCommand } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';

/** A command takes its time on a machine at work, and each test runs several. */
const TIMEOUT_MS = 90_000;

let root: string;
const image = () => join(root, 'disk.img');
const console = () => readFileSync(join(root, 'serial.log'), 'utf8');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fds-'));
  const sectors = Buffer.alloc(1024 * 1024);
  bootSector('wait').copy(sectors);
  writeFileSync(image(), sectors);
  writeFileSync(
    join(root, 'g.xml'),
    `<domain type='qemu'>
  <name>g</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file'>
      <source file='${image()}' fdgroup='images'/>
      <target dev='hda'/>
    </disk>
    <serial type='file'><source path='${root}/serial.log'/></serial>
  </devices>
</domain>
`,
  );
});
afterEach(async () => {
  await qdom(['destroy', 'g']);
  await waitUntil(() => processesOf(root).length === 0, 10_000);
  rmSync(root, { recursive: true });
});

/** The command line as a caller runs it who has the image open, in these ways, as descriptors 3, 4, … */
async function qdom(args: readonly string[], ...modes: string[]) {
  const fds = modes.map((mode) => openSync(image(), mode));
  const [node = '', ...options] = qdomCommand(root);
  try {
    const result = await execa(node, [...options, ...args], {
      reject: false,
      // Its types know no number.
      stdio: ['ignore', 'pipe', 'pipe', ...fds] as unknown as ['ignore', 'pipe', 'pipe'],
    });
    return { exitCode: result.exitCode, stderr: String(result.stderr) };
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

const create = (groups: readonly string[], ...modes: string[]) =>
  qdom(['create', join(root, 'g.xml'), ...groups.flatMap((group) => ['--fd-group', group])], ...modes);

describe.skipIf(!hasQemu)(
  `a disk of descriptors${hasQemu ? '' : ` (${noQemu})`}`,
  { timeout: TIMEOUT_MS },
  () => {
    it.each([
      ['one to write', 'images=3', ['r+']],
      ['one to write and one to read', 'images=3,4', ['r', 'r+']],
    ])('starts from what the caller has open: %s', async (_, group, modes) => {
      const started = await create([group], ...modes);
      expect(started.stderr).toBe('');
      // QEMU has no other way to the image.
      renameSync(image(), `${image()}.away`);
      await waitUntil(() => console() === GREETING, 20_000);
      expect(console()).toBe(GREETING);
    });

    it('is refused before anything is done where what is needed was not given', async () => {
      const none = await create([]);
      expect(none.stderr).toMatch(/g\.xml:6:5: error: .*none were given \[host\/fd-group-missing\]/);
      expect(none.stderr).toContain('--fd-group images=3 3<>FILE');
      expect((await create(['images=3'], 'r')).stderr).toContain('host/fd-access');
      expect((await create(['images=93'])).stderr).toContain('host/fd-not-open');
    });

    it.each([
      ['what names none', ['images']],
      ['a group that is named twice', ['images=3', 'images=4']],
      ['a descriptor of two groups', ['images=3', 'others=3']],
    ])('is refused as wrong usage: %s', async (_, groups) => {
      const wrong = await create(groups, 'r+', 'r');
      expect(wrong.stderr).toContain('cli/fd-group');
      expect(wrong.exitCode).toBe(2);
    });

    it("is never one that is qdom's own", async () => {
      const own = Array.from({ length: 20 }, (_, i) => i + 4).join(',');
      expect((await create([`images=${own}`], 'r')).stderr).toMatch(/descriptor \d+ .*host\/fd-not-open/);
      expect((await create([`images=${own}`], 'r')).stderr).not.toContain('/proc/self');
    });
  },
);
