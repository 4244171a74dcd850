import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findMachine, hasType, schemaHas } from '../../src/plan/caps.ts';
import { capsFromTranscript, probeCaps, QmpClient, recordTranscript } from '../../src/qmp/index.ts';
import { rejection } from '../unit/qmp/peer.ts';

const qemu = (process.env.PATH ?? '')
  .split(delimiter)
  .map((dir) => join(dir, 'qemu-system-x86_64'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

let child: ChildProcess | undefined;

beforeEach((context) => {
  if (qemu === undefined) context.skip('there is no qemu-system-x86_64 in PATH');
});
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
});

/** A paused machine without devices whose monitor is an inherited socket. */
async function start(): Promise<{ client: QmpClient; exited: Promise<unknown>; pid: number }> {
  const started = spawn(
    qemu ?? '',
    [
      ...['-nodefaults', '-display', 'none', '-S', '-machine', 'pc,accel=tcg', '-m', '16'],
      ...['-chardev', 'socket,id=m,fd=3', '-mon', 'chardev=m,mode=control'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  child = started;
  const client = await QmpClient.connect(started.stdio[3] as Duplex, { timeoutMs: 10_000 });
  return { client, exited: once(started, 'close'), pid: started.pid ?? 0 };
}

it('a real QEMU says what it can do, and its recording says the same', async () => {
  const caps = await probeCaps(qemu ?? '');
  expect(caps.arch).toBe('x86_64');
  expect(findMachine(caps, 'tcg', 'q35')?.cpuMax).toBeGreaterThan(200);
  expect(hasType(caps, 'virtio-blk-pci')).toBe(true);
  expect(schemaHas(caps, 'blockdev-add', 'driver', '=qcow2')).toBe(true);
  expect(caps.accel.tcg.hostCpu?.name).toBe('max');
  expect(caps.accel.kvm !== undefined).toBe(caps.kvm);
  expect(capsFromTranscript(await recordTranscript(qemu ?? ''))).toEqual(caps);
});

it('is controlled: commands, refusals, events, out of band, and its end', async () => {
  const { client, exited } = await start();
  expect(client.oob).toBe(true);
  expect((await client.execute('query-status')).status).toBe('prelaunch');
  const resumed = client.waitFor('RESUME');
  await client.execute('cont');
  expect((await resumed).timestamp.seconds).toBeGreaterThan(0);
  expect(await rejection(client.execute('device_del', { id: 'nothing' }))).toMatchObject({
    errorClass: 'DeviceNotFound',
    outcome: 'refused',
  });
  expect(await rejection(client.call('no-such-command'))).toMatchObject({ errorClass: 'CommandNotFound' });
  expect(await rejection(client.execute('migrate-pause', undefined, { oob: true }))).toMatchObject({
    errorClass: 'GenericError',
  });
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.execute('query-name')));
  expect(answers).toHaveLength(40);
  const shutdown = client.waitFor('SHUTDOWN');
  const events = client.events();
  await client.execute('quit');
  expect((await shutdown).data).toEqual({ guest: false, reason: 'host-qmp-quit' });
  await exited;
  const names: string[] = [];
  for await (const event of events) names.push(event.event);
  expect(names).toContain('SHUTDOWN');
  expect(client.state).toBe('closed');
});

it('a hung QEMU: the outcome is unknown, and the late answer harms nobody', async () => {
  const { client, pid } = await start();
  process.kill(pid, 'SIGSTOP');
  const error = await rejection(client.execute('stop', undefined, { timeoutMs: 100 }));
  expect(error).toMatchObject({ name: 'QmpTimeoutError', outcome: 'unknown' });
  process.kill(pid, 'SIGCONT');
  expect((await client.execute('query-name')).name).toBeUndefined();
  expect(client.strayReplies).toEqual({ late: 1, unknown: 0 });
  await client.close();
});

it('a QEMU that is killed: what was asked is settled', async () => {
  const { client, exited, pid } = await start();
  process.kill(pid, 'SIGSTOP');
  const asked = [client.execute('query-status'), client.execute('query-name')];
  const event = client.waitFor('STOP');
  process.kill(pid, 'SIGKILL');
  for (const one of [...asked, event])
    expect(await rejection(one)).toMatchObject({ name: 'QmpConnectionLostError', outcome: 'unknown' });
  await exited;
  expect(await rejection(client.execute('query-status'))).toMatchObject({ outcome: 'not-sent' });
});

it('a probe that is killed leaves no QEMU behind', async () => {
  const module = new URL('../../src/qmp/capabilities/start-qemu.ts', import.meta.url);
  const program = `import(${JSON.stringify(module.href)}).then(async ({ startQemu }) => {
    const { pid } = await startQemu(${JSON.stringify(qemu)}, 'tcg', new AbortController().signal);
    console.log(pid);
    setInterval(() => {}, 1000);
  });`;
  const probing = spawn(process.execPath, ['--import', 'tsx', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = probing;
  const [line] = await once(probing.stdout, 'data');
  const pid = Number(String(line));
  expect(isAlive(pid)).toBe(true);
  probing.kill('SIGKILL');
  await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
});

/** Whether the process runs; one that has ended and waits for its new parent does not. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
