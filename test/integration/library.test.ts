import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/host/programs.ts';
import { compile, readDomain } from '../../src/index.ts';
import {
  destroyMachine,
  findDirectories,
  hostEnvironment,
  type MachineContext,
  machineStatus,
  readConfig,
  realHost,
  shutdownMachine,
  startMachine,
} from '../../src/machine.ts';
import { qdom } from '../helpers/cli.ts';
import { hasQemu, noQemu, QEMU } from '../helpers/machines.ts';

const hasSwtpm = findProgram(realHost(), 'swtpm_setup') !== undefined;

let root: string;
let cx: MachineContext;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'library-'));
  cx = {
    directories: findDirectories({ root, uid: 0, home: root, env: {} }),
    host: realHost(),
    reapCommand: [],
  };
});
afterEach(async () => {
  await destroyMachine(cx, 'g').catch(() => undefined);
  rmSync(root, { recursive: true });
});

const domain = (devices = '') => `<domain type='qemu'>
  <name>g</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    ${devices}
  </devices>
</domain>
`;

async function start(xml: string): Promise<void> {
  const document = readDomain(xml);
  const { directories } = cx;
  const environment = await hostEnvironment(document, { directories, config: readConfig(directories) });
  await startMachine(cx, compile(document, environment));
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { primary?: unknown }) => error.primary,
  );

describe.skipIf(!hasQemu)(`a program with the library${hasQemu ? '' : ` (${noQemu})`}`, () => {
  it('does what the command line does: it reads a domain, looks at the host, compiles and starts', async () => {
    await start(domain());
    expect(await machineStatus(cx, 'g')).toMatchObject({ state: 'running' });
  });

  it.skipIf(!hasSwtpm)(
    'finds nothing of a transient machine’s TPM after its end, unless that is to be kept',
    async () => {
      const states = () => readdirSync(join(root, 'lib/swtpm'));
      await start(domain("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"));
      expect(states().length).toBe(1);
      await destroyMachine(cx, 'g');
      expect(states()).toEqual([]);
      const kept = "<backend type='emulator' version='2.0' persistent_state='yes'/>";
      await start(domain(`<tpm model='tpm-crb'>${kept}</tpm>`));
      await destroyMachine(cx, 'g');
      expect(states().length).toBe(1);
    },
  );

  it('is told of an agent that does not answer by what it is', async () => {
    await start(
      domain("<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"),
    );
    const asked = shutdownMachine(cx, 'g', { mode: 'agent', timeoutMs: 300 });
    expect(await failure(asked)).toMatchObject({
      message: expect.stringContaining("the agent in the guest of 'g'"),
    });
  });

  it('is told of a socket path that is too long, with its line', async () => {
    const path = `${root}/${'x'.repeat(107)}`;
    const refused = start(domain(`<serial type='unix'><source mode='bind' path='${path}'/></serial>`));
    expect(await failure(refused)).toMatchObject({
      code: 'host/socket-blocked',
      message: expect.stringContaining("a socket's path has at most 107 bytes"),
      at: { line: 7 },
    });
  });

  it('is told of an emulator whose path is relative, and of a configuration file that is not one', async () => {
    const relative = start(domain('<emulator>bin/qemu</emulator>'));
    expect(await failure(relative)).toMatchObject({ code: 'environment/relative-emulator', at: { line: 7 } });
    const reading = (file: string) => failure(Promise.resolve().then(() => readConfig(cx.directories, file)));
    expect(await reading('/nowhere/config.json')).toMatchObject({ code: 'environment/no-config' });
    writeFileSync(join(root, 'config.json'), '{"user": "a:b"}');
    expect(await reading(join(root, 'config.json'))).toMatchObject({
      code: 'environment/bad-config',
      message: expect.stringContaining("'user': it is no user's or group's name"),
    });
  });
});

describe('the command line', () => {
  it('ends with status 8 for a facts or configuration file that is not there, whatever the command', async () => {
    const file = join(root, 'g.xml');
    writeFileSync(file, domain());
    for (const args of [
      ['--config', '/nowhere', 'list'],
      ['--config', '/nowhere', 'compile', file],
      ['compile', '--facts', '/nowhere', file],
    ])
      expect(await qdom(root, args), args.join(' ')).toMatchObject({
        exitCode: 8,
        stderr: expect.stringContaining("'/nowhere'"),
      });
  });

  it('looks at the QEMU that doctor is given', async () => {
    const { stdout } = await qdom(root, ['doctor', '--qemu', '/nowhere/qemu']);
    expect(stdout).toMatch(/^missing qemu +there is no program '\/nowhere\/qemu'$/m);
    const other = await qdom(root, ['doctor', '--qemu', process.execPath]);
    expect(other.stdout).toMatch(/^missing qemu +\S+ --version does not say that it is a QEMU: v\d+/m);
  });

  it.skipIf(!hasQemu)(`says of which version QEMU is${hasQemu ? '' : ` (${noQemu})`}`, async () => {
    const { stdout } = await qdom(root, ['doctor', '--qemu', QEMU]);
    expect(stdout).toMatch(/^ok +qemu +\/usr\/bin\/qemu-system-x86_64, version \d+\.\d+/m);
  });
});
