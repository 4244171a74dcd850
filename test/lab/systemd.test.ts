import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SYSTEMD = '/lib/systemd/systemd';
const READY_TIMEOUT_MS = 60_000;

/** systemd as the first process of a namespace, with nothing to start; /run is its own, the cgroups are the lab's. */
const START = `
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/lock
printf '[Unit]\\nDefaultDependencies=no\\n' >/run/systemd/system/lab.target
container=lab exec ${SYSTEMD} --system --unit=lab.target --log-target=console --show-status=no
`;
const GUEST = `<domain type='qemu'>
  <name>guest</name>
  <memory unit='MiB'>32</memory>
  <memtune><hard_limit unit='MiB'>700</hard_limit></memtune>
  <vcpu>1</vcpu>
  <cputune><shares>77</shares><quota>50000</quota></cputune>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
</domain>`;
const SCOPE = '/sys/fs/cgroup/machine.slice/qdom-guest.scope';

const start = () =>
  execa('unshare', ['--pid', '--fork', '--mount', '--mount-proc', 'sh', '-c', START], {
    reject: false,
    all: true,
  });

describe.skipIf(!existsSync(SYSTEMD))(`a scope of systemd`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'systemd-'));
  const file = join(directory, 'guest.xml');
  let systemd: ReturnType<typeof start>;
  let pid = '';
  const inside = (...words: string[]) =>
    execa('nsenter', ['--target', pid, '--mount', '--pid', '--', ...words], { reject: false });
  const qdom = (...words: string[]) => inside('qdom', '--root', directory, ...words);

  beforeAll(async () => {
    writeFileSync(file, GUEST);
    systemd = start();
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (;;) {
      pid = (await execa('pgrep', ['-P', String(systemd.pid)], { reject: false })).stdout.trim();
      const state = pid === '' ? '' : (await inside('systemctl', 'is-system-running')).stdout;
      if (/running|degraded/.test(state)) break;
      if (Date.now() > deadline) throw new Error(`systemd is not ready: '${state}'`);
    }
  }, READY_TIMEOUT_MS + 10_000);

  afterAll(async () => {
    systemd.kill('SIGKILL');
    await systemd;
    rmSync(directory, { recursive: true });
  });

  it('holds the machine’s group, is left alone by systemd, and goes with the machine', async () => {
    const text = (name: string) => readFileSync(`${SCOPE}/qdom-guest/${name}`, 'utf8').trim();
    const values = () => ['cpu.weight', 'cpu.max', 'memory.max', 'vcpu0/cpu.max'].map(text);
    const asked = ['77', 'max 100000', String(700 * 1024 * 1024), '50000 100000'];
    expect(await qdom('create', file)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(values()).toEqual(asked);
    await inside('systemctl', 'daemon-reload');
    expect((await inside('systemctl', 'is-active', 'qdom-guest.scope')).stdout).toBe('active');
    expect(values()).toEqual(asked);
    expect(await qdom('destroy', 'guest')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(SCOPE)).toBe(false);
  });
});
