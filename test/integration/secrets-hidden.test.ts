import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../src/host/wait.ts';
import { qdom } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';

const PASSWORD = 's3cr3tvn';

let base: string;
let root: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'secrets-hidden-'));
  root = join(base, 'root');
});
afterEach(async () => {
  await qdom(root, ['destroy', 'g']);
  await waitUntil(() => processesOf(base).length === 0, 10_000);
  rmSync(base, { recursive: true });
});

function domain(devices = ''): string {
  const file = join(base, 'g.xml');
  writeFileSync(
    file,
    `<domain type='qemu'>
  <name>g</name>
  <uuid>6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a06</uuid>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <graphics type='vnc' passwd='${PASSWORD}' passwdValidTo='2040-01-01T00:00:00'><listen type='socket'/></graphics>
    ${devices}
  </devices>
</domain>
`,
  );
  return file;
}

/** The files below a directory that hold the password. */
function filesWithIt(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path, 'latin1').includes(PASSWORD));
}

async function said(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await qdom(root, args);
  return stdout + stderr;
}

describe.skipIf(!hasQemu)(
  `a display's password${hasQemu ? '' : ` (${noQemu})`}`,
  { timeout: 120_000 },
  () => {
    it('is in no answer, no argument, no environment, and in no file that outlives the machine', async () => {
      const file = domain();
      for (const args of [
        ['compile', file],
        ['compile', '--format', 'json', file],
        ['compile', '--profile', 'libvirt', file],
        ['plan', file],
        ['--json', 'plan', file],
        ['create', file],
        ['--json', 'dominfo', 'g'],
        ['--json', 'events', 'g'],
        ['dumpxml', 'g'],
      ])
        expect(await said(...args), args.join(' ')).not.toContain(PASSWORD);
      const { pid } = JSON.parse((await qdom(root, ['--json', 'dominfo', 'g'])).stdout) as { pid: number };
      for (const told of ['cmdline', 'environ'])
        expect(readFileSync(`/proc/${pid}/${told}`, 'utf8')).not.toContain(PASSWORD);
      expect(await said('dumpxml', '--security-info', 'g')).toContain(`passwd='${PASSWORD}'`);
      // What must be kept while it runs is the owner's alone.
      for (const path of filesWithIt(root)) expect(statSync(path).mode & 0o077, path).toBe(0);
      await qdom(root, ['destroy', 'g']);
      expect(filesWithIt(root)).toEqual([]);
    });

    it('is not shown with the line that an error points to', async () => {
      const told = await said('create', domain("<graphics type='vnc' passwd='even-longer'/>"));
      expect(told).toContain("passwd='***********'");
      expect(told).not.toContain('even-longer');
      expect(told).not.toContain(PASSWORD);
    });
  },
);

describe.skipIf(!hasQemu)(
  `an image that is in use${hasQemu ? '' : ` (${noQemu})`}`,
  { timeout: 120_000 },
  () => {
    it('by a machine of another state directory is refused with its line and that machine’s name', async () => {
      const image = join(base, 'disk.img');
      writeFileSync(image, Buffer.alloc(65_536));
      const disk = `<disk type='file'><driver name='qemu' type='raw'/><source file='${image}'/><target dev='vda' bus='virtio'/></disk>`;
      expect(await said('create', domain(disk))).toContain("Domain 'g' created");
      const second = join(base, 'h.xml');
      writeFileSync(second, readFileSync(domain(disk), 'utf8').replace('<name>g<', '<name>h<'));
      const { exitCode, stderr } = await qdom(join(base, 'other'), ['create', second]);
      expect(exitCode).toBe(9);
      expect(stderr).toMatch(
        /h\.xml:8:5: error: the image '\S+disk\.img' is in use by the process \d+ \(\S+\), the domain 'g' \[machine\/image-locked\]/,
      );
    });
  },
);
