import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { qdom } from '../helpers/cli.ts';
import { hasQemu, noQemu } from '../helpers/machines.ts';

const root = mkdtempSync(path.join(tmpdir(), 'qdom-cli-'));
const FACTS = fileURLToPath(new URL('../../fixtures/facts.json', import.meta.url));

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A domain with something more in its devices or beside them. */
function domain({ name = 'guest', devices = '', more = '', type = 'qemu', memory = '64' } = {}): string {
  return `<domain type='${type}'>
  <name>${name}</name>
  <memory unit='MiB'>${memory}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  ${more}
  <devices>
    ${devices}
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}

const compile = (xml: string, ...args: string[]) =>
  qdom(root, ['compile', '--facts', FACTS, ...args, '-'], xml);

describe('bad input gives one clear message and its exit status, never a stack trace', () => {
  it.each([
    ['no XML', 'hello', 3, /<stdin>:1:1: error: .*not well-formed/],
    ['nothing', '', 3, /no XML element/],
    ['two roots', `${domain()}${domain()}`, 3, /<stdin>:13:1: error: a second root element 'domain'/],
    ['a DOCTYPE', `<!DOCTYPE domain>${domain()}`, 3, /DOCTYPE/],
    ['an entity', domain({ name: '&me;' }), 3, /unknown entity '&me;'/],
    ['another root', '<network/>', 3, /'network', not 'domain'/],
    ['a wrong value', domain({ memory: 'much' }), 4, /'much'/],
    ['a wrong type', domain({ type: 'sheep' }), 4, /'sheep'/],
    ['a name with a slash', domain({ name: 'a/b' }), 4, /'a\/b'/],
    ['a name with a line break', domain({ name: 'a\nb' }), 4, /line break/],
  ])('%s', async (_, xml, status, message) => {
    const { exitCode, stdout, stderr } = await compile(xml);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: status, stdout: '' });
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['closed', '<a>'.repeat(1_500_000) + '</a>'.repeat(1_500_000)],
    ['open', '<a>'.repeat(3_500_000)],
  ])('ten megabytes of nesting, %s', async (_, xml) => {
    const { exitCode, stderr } = await compile(xml);
    expect(exitCode).toBe(3);
    expect(stderr.length).toBeLessThan(1000);
  });

  it.each([
    [
      'UTF-16 with a byte order mark',
      Buffer.from(`\ufeff${domain({ more: '<title>ä</title>' })}`, 'utf16le'),
    ],
    ['UTF-16 without one', Buffer.from(domain({ more: '<title>ä</title>' }), 'utf16le')],
    ['UTF-8 with one', Buffer.from(`\ufeff${domain({ more: '<title>ä</title>' })}`)],
    [
      'Latin-1, declared',
      Buffer.from(
        `<?xml version='1.0' encoding='ISO-8859-1'?>${domain({ more: '<title>ä</title>' })}`,
        'latin1',
      ),
    ],
  ])('%s is read', async (_, xml) => {
    const { exitCode, stdout } = await qdom(root, ['normalize', '--facts', FACTS, '-'], xml);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining('<title>ä</title>'),
    });
  });

  it.each([
    [
      'bytes that are no UTF-8',
      Buffer.from(domain({ more: '<title>ä</title>' }), 'latin1'),
      'line 6 is not UTF-8',
    ],
    [
      'an unknown encoding',
      Buffer.from(`<?xml version='1.0' encoding='X-9'?>${domain()}`),
      "'X-9' is not known",
    ],
  ])('%s', async (_, xml, message) => {
    const { exitCode, stdout, stderr } = await qdom(root, ['normalize', '--facts', FACTS, '-'], xml);
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
  });

  it('very many warnings cost as much each as one; lines end as they like', async () => {
    const xml = domain({ more: '<colour/>\r\n'.repeat(20_000) });
    const { exitCode, stderr } = await compile(xml);
    expect(exitCode).toBe(0);
    expect(stderr.split('\n').slice(0, 4)).toEqual([
      expect.stringMatching(/^<stdin>:6:3: warning: .*'colour'/),
      "  5 |   <os><type arch='x86_64' machine='q35'>hvm</type></os>",
      '> 6 |   <colour/>',
      '    |   ^',
    ]);
  });

  it('a file that is not there, and one that may not be read', async () => {
    expect(await qdom(root, ['compile', '/nowhere/x.xml'])).toMatchObject({
      exitCode: 8,
      stderr: expect.stringContaining('/nowhere/x.xml'),
    });
    expect(await qdom(root, ['compile', '/'])).toMatchObject({
      exitCode: 10,
      stderr: expect.stringContaining('EISDIR'),
    });
  });

  it('wrong usage is an object with --json, too', async () => {
    const { exitCode, stderr } = await qdom(root, ['list', '--frob', '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      class: 'usage',
      message: expect.stringContaining("'--frob'"),
    });
  });

  it('what is no text does not steer the terminal', async () => {
    const { exitCode, stderr } = await compile('<domain>\u001b[31m\u0007<x');
    expect(exitCode).toBe(3);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('a root below a file system that makes no directories', async () => {
    const { exitCode, stderr } = await qdom('/proc/nowhere', ['define', '-'], domain());
    expect(exitCode).toBe(hasQemu ? 10 : 7);
    expect(stderr).not.toMatch(/\n\s+at |bug/);
  });

  it('wrong usage', async () => {
    expect(await qdom('', ['list'])).toMatchObject({ exitCode: 2 });
    expect(await qdom(root, ['reap'])).toMatchObject({ exitCode: 2 });
    expect(await qdom(root, ['frobnicate'])).toMatchObject({ exitCode: 2 });
    expect(await qdom(root, ['start'])).toMatchObject({ exitCode: 2 });
    expect(await qdom(root, ['compile', '--format', 'yaml', '-'])).toMatchObject({ exitCode: 2 });
  });
});

describe('unknown elements and attributes', () => {
  const xml = domain({
    more: "<colour name='red'/>",
    devices: "<controller type='sata' index='0' speed='9'/>",
  });

  it('are a warning with line and column, and the rest is compiled', async () => {
    const { exitCode, stdout, stderr } = await compile(xml);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('qemu-system-x86_64');
    expect(stderr).toMatch(/<stdin>:6:3: warning: .*'colour'/);
    expect(stderr).toMatch(/<stdin>:8:\d+: warning: .*'speed'/);
  });

  it('are an error with --strict', async () => {
    expect(await compile(xml, '--strict')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('warnings'),
    });
  });

  it('are objects with --json', async () => {
    const { stdout, stderr } = await compile(xml, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'guest', argv: expect.any(Array) });
    expect(stderr.split('\n').map((line) => JSON.parse(line).code)).toEqual([
      'xml/unknown-element',
      'xml/unknown-attribute',
    ]);
  });
});

describe('plan', () => {
  const xml = domain({
    devices: `<interface type='bridge'>
      <source bridge='nowhere0'/><model type='virtio'/><driver name='qemu'/>
    </interface>`,
  });

  it('shows every step with its undo and its line', async () => {
    const { exitCode, stdout } = await qdom(root, ['plan', '--facts', FACTS, '-'], xml);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /1\. open the tap '[^']+' with 1 queue on the bridge 'nowhere0' \(line 8\)\n +undo: /,
    );
    expect(stdout).toMatch(/2\. start \S*qemu/);
  });

  it('says what this host cannot do, by its exit status too, and is an object with --json', async () => {
    const { exitCode, stdout } = await qdom(root, ['plan', '--json', '-'], xml);
    const { steps } = JSON.parse(stdout);
    expect(exitCode).toBe(7);
    expect(steps).toMatchObject([
      { type: 'tap', undo: expect.any(String), problems: [{ class: 'unavailable', at: { line: 8 } }] },
    ]);
  });
});

describe('names', () => {
  it.each(['..', 'x'.repeat(300), 'a/b'])('%.10s… is refused by every command', async (name) => {
    for (const command of ['start', 'domstate', 'destroy', 'undefine']) {
      const { exitCode, stderr } = await qdom(root, [command, name]);
      expect(exitCode).toBe(4);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  it.each(['..', 'x'.repeat(300)])('%.10s… is refused in a domain, with its line', async (name) => {
    const { exitCode, stderr } = await qdom(root, ['compile', '-'], domain({ name }));
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/<stdin>:2:3: error: .*\[machine\/bad-name\]/);
  });

  it.runIf(hasQemu)('with commas, quotes and spaces come through', async () => {
    const name = `a,b'c"d e`;
    const file = path.join(root, 'odd.xml');
    writeFileSync(file, domain({ name: name.replaceAll("'", '&apos;') }));
    expect(await qdom(root, ['create', file])).toMatchObject({ exitCode: 0 });
    expect(await qdom(root, ['domstate', name])).toMatchObject({ stdout: 'running' });
    expect(await qdom(root, ['destroy', name])).toMatchObject({ exitCode: 0 });
  });
});

describe.skipIf(!hasQemu)(`machines on the command line${hasQemu ? '' : ` (skipped: ${noQemu})`}`, () => {
  const file = path.join(root, 'guest.xml');
  writeFileSync(file, domain());

  it('are defined, started, seen, controlled, destroyed and forgotten', async () => {
    const ok = async (...args: string[]) => {
      const result = await qdom(root, args);
      expect(result).toMatchObject({ exitCode: 0 });
      return result.stdout;
    };
    await ok('define', file);
    expect(await ok('list', '--all', '--name')).toBe('guest');
    expect(await ok('domstate', 'guest')).toBe('shut off');
    await ok('start', 'guest');
    expect(await ok('domstate', 'guest')).toBe('running');
    await ok('suspend', 'guest');
    expect(await ok('domstate', 'guest')).toBe('paused');
    await ok('resume', 'guest');
    expect(JSON.parse(await ok('qmp', 'guest', 'query-status'))).toMatchObject({ running: true });
    expect(JSON.parse(await ok('qmp', 'guest', '{"exec-oob": "query-yank"}'))).toContainEqual({
      ...{ type: 'chardev', id: 'charmonitor' },
    });
    const monitorCommand = { 'command-line': 'info name' };
    const message = { execute: 'human-monitor-command', arguments: monitorCommand };
    for (const [words, input] of [
      [['human-monitor-command', JSON.stringify(monitorCommand)], ''],
      [['-'], JSON.stringify(message)],
    ] as const) {
      const { stdout } = await qdom(root, ['qmp', 'guest', ...words], input);
      expect(JSON.parse(stdout)).toBe('guest\r\n');
    }
    expect(await qdom(root, ['qmp', 'guest', '{"id": 1}'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('it has no "execute"'),
    });
    expect(JSON.parse(await ok('dominfo', 'guest', '--json'))).toMatchObject({
      state: 'running',
      persistent: true,
    });
    expect(await ok('dumpxml', 'guest')).toBe(await ok('dumpxml', 'guest', '--inactive'));
    await ok('destroy', 'guest');
    expect(await ok('domstate', 'guest', '--reason')).toBe('shut off (destroyed)');
    await ok('undefine', 'guest');
    expect(await ok('list', '--all', '--name')).toBe('');
  });

  it('a second start, and two at once, give one machine and a refusal', async () => {
    const results = await Promise.all([qdom(root, ['create', file]), qdom(root, ['create', file])]);
    expect(results.map((r) => r.exitCode).sort()).toEqual([0, 9]);
    expect(results.find((r) => r.exitCode === 9)?.stderr).toMatch(/'guest' is already running/);
    await qdom(root, ['destroy', 'guest']);
  });

  it('a QEMU that exits at once: its own words first, then the line that its option came from', async () => {
    const broken = path.join(root, 'broken.xml');
    // It is there, and is no image.
    const disk = "<disk type='file'><source file='/proc'/><target dev='vda' bus='virtio'/></disk>";
    writeFileSync(broken, domain({ name: 'broken', devices: disk }));
    const { exitCode, stderr } = await qdom(root, ['create', broken]);
    expect(exitCode).toBeGreaterThan(0);
    // QEMU 7.2 and 10.0.
    expect(stderr).toMatch(
      /'file' driver requires '\/proc' to be a regular file|Could not open '\/proc': Is a directory/,
    );
    expect(stderr).toMatch(/broken\.xml:8:/);
    expect(await qdom(root, ['list', '--all', '--name'])).toMatchObject({ stdout: '' });
    expect(readdirSync(path.join(root, 'run', 'machines'))).toEqual([]);
  });

  it('no QEMU', async () => {
    const missing = path.join(root, 'missing.xml');
    writeFileSync(missing, domain({ name: 'missing', devices: '<emulator>/nowhere/qemu</emulator>' }));
    const { exitCode, stderr } = await qdom(root, ['create', missing]);
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(/'\/nowhere\/qemu'/);
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(isRoot)(
    `no permission for the directories${isRoot ? ' (skipped: root has every permission)' : ''}`,
    async () => {
      const locked = path.join(root, 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o500);
      expect(await qdom(locked, ['define', file])).toMatchObject({
        exitCode: 7,
        stderr: expect.stringContaining(locked),
      });
    },
  );

  it('what compile prints is what runs, token for token', async () => {
    const { stdout } = await qdom(root, ['compile', '--format', 'argv', file]);
    await qdom(root, ['create', file]);
    const { pid } = JSON.parse((await qdom(root, ['dominfo', '--json', 'guest'])).stdout);
    const { readFileSync } = await import('node:fs');
    const running = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const printed = stdout.split('\n');
    expect(running.length).toBe(printed.length);
    const withoutNumbers = (word: string) =>
      word
        .replace(/@[^@]+@/g, 'FD')
        .replace(/fd=\d+/g, 'fd=FD')
        .replace(/"fd":"\d+"/g, '"fd":"FD"');
    // The XML has no UUID: each reading makes one.
    const stable = (words: readonly string[]) =>
      words.map(withoutNumbers).filter((_, i, all) => all[i - 1] !== '-uuid');
    expect(stable(running)).toEqual(stable(printed));
    await qdom(root, ['destroy', 'guest']);
    expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
  });
});
