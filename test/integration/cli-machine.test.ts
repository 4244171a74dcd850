import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../src/host/wait.ts';
import { qdom as runQdom } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cli-machine-'));
});
afterEach(async () => {
  await qdom('destroy', 'g');
  await waitUntil(() => processesOf(root).length === 0, 10_000);
  rmSync(root, { recursive: true });
});

const qdom = (...args: string[]) => runQdom(root, args);

function domain(more = ''): string {
  const file = join(root, 'g.xml');
  writeFileSync(
    file,
    `<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>g</name>
  <uuid>6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a02</uuid>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <serial type='pty'/>
    <serial type='file'><source path='${root}/serial1.log'/></serial>
  </devices>
${more}</domain>
`,
  );
  return file;
}

describe.skipIf(!hasQemu)(`qdom${hasQemu ? '' : ` (${noQemu})`}`, () => {
  it('chooses a port for each of several machines that are started at once', async () => {
    const names = ['a', 'b', 'c'];
    const files = names.map((name) => {
      const file = join(root, `${name}.xml`);
      writeFileSync(
        file,
        `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory>
  <os><type machine='pc'>hvm</type></os>
  <devices><graphics type='vnc'/></devices></domain>`,
      );
      return file;
    });
    try {
      const started = await Promise.all(files.map((file) => qdom('create', file)));
      expect(started.map(({ stderr }) => stderr)).toEqual(['', '', '']);
      const ports = names.map((name) => {
        const argv = readFileSync(join(root, 'run/machines', name, 'argv'), 'utf8');
        return /^127\.0\.0\.1:(\d+)/m.exec(argv)?.[1];
      });
      expect(new Set(ports).size).toBe(3);
    } finally {
      for (const name of names) await qdom('destroy', name);
    }
  });

  it('starts what compile prints, token for token, descriptors being named there', async () => {
    const file = domain();
    await qdom('define', file);
    const printed = JSON.parse((await qdom('compile', '--format', 'json', file)).stdout) as {
      argv: string[];
    };
    const started = await qdom('start', 'g');
    expect(started.exitCode, started.stderr).toBe(0);
    const { pid } = JSON.parse((await qdom('--json', 'dominfo', 'g')).stdout) as { pid: number };
    const running = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(1, -1);
    const named = /@[a-z0-9-]+@/g;
    expect(running.length).toBe(printed.argv.length);
    for (const [i, word] of printed.argv.entries()) {
      const pattern = word.split(named).map(escapeRegExp);
      expect(running[i]).toMatch(new RegExp(`^${pattern.join('\\d+')}$`, 's'));
    }
    expect(printed.argv.join(' ').match(named)).toContain('@qmp@');
  });

  it('is meant by name or UUID, listed as asked for, and told with its size', async () => {
    const uuid = '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a02';
    await qdom('define', domain('  <vcpu current="1">2</vcpu>\n'));
    const listed = async (...options: string[]) => (await qdom('list', ...options)).stdout;
    expect(await listed('--name')).toBe('');
    for (const options of [['--inactive'], ['--all', '--persistent', '--transient']])
      expect(await listed('--name', ...options), options.join()).toBe('g');
    expect(await listed('--name', '--all', '--transient')).toBe('');
    expect(await listed('--uuid', '--inactive')).toBe(uuid);
    expect(await listed('--uuid', '--name', '--inactive')).toBe(`${uuid} g`);
    const info = JSON.parse((await qdom('--json', 'dominfo', uuid)).stdout) as unknown;
    expect(info).toMatchObject({ name: 'g', vcpus: 1, memoryKiB: 16384 });
    expect((await qdom('dominfo', 'g')).stdout).toMatch(/^CPU\(s\): +1\nMax memory: +16384 KiB$/m);
  });

  it('keeps its UEFI variables when it is undefined, and says where, unless they are to go', async () => {
    const store = join(root, "it's & more.fd");
    const file = domain();
    const escaped = store.replace('&', '&amp;');
    const loader = `<loader readonly='yes' type='pflash'>/code.fd</loader><nvram>${escaped}</nvram></os>`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('</os>', loader));
    writeFileSync(store, 'variables');
    const forget = async (...options: string[]) => {
      expect(await qdom('define', file)).toMatchObject({ exitCode: 0 });
      return qdom('undefine', 'g', ...options);
    };
    expect(await forget()).toMatchObject({ exitCode: 0, stderr: `Its UEFI variables stay in '${store}'` });
    expect(await forget('--keep-nvram')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(store)).toBe(true);
    expect(await forget('--nvram')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(store)).toBe(false);
  });

  it('has no core dump of a guest that crashes, and says so with the line', async () => {
    const { exitCode, stderr } = await qdom('create', domain('  <on_crash>coredump-destroy</on_crash>\n'));
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(/\/g\.xml:11:3: error: on_crash 'coredump-destroy' is not implemented/);
  });

  it('that is started by two at once starts one machine and refuses one', async () => {
    const file = domain();
    const results = await Promise.all([qdom('create', file), qdom('create', file)]);
    expect(results.map((r) => r.exitCode).sort()).toEqual([0, 9]);
    expect(results.map((r) => r.stderr).join('')).toContain("domain 'g' is already running");
  });

  it("tells QEMU's words and then the line of the XML that its option came from, and leaves nothing", async () => {
    const file = domain(
      "  <qemu:commandline>\n    <qemu:arg value='-device'/>\n    <qemu:arg value='nonsense'/>\n  </qemu:commandline>\n",
    );
    const { exitCode, stderr } = await qdom('create', file);
    expect(exitCode).toBe(10);
    expect(stderr).toContain("-device nonsense: 'nonsense' is not a valid device model name");
    expect(stderr).toContain('/g.xml:12:5: error: -device nonsense: ');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await qdom('--json', 'list', '--all')).stdout).toBe('[]');
  });
});

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
