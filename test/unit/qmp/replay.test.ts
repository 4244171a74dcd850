import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseTranscript, QmpClient, type ReplayServer, serveTranscript } from '../../../src/qmp/index.ts';
import { rejection } from './peer.ts';
import { recordedTranscript } from './recording.ts';

let dir = '';
let server: ReplayServer;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'qdom-replay-'));
  const [session = []] = parseTranscript(recordedTranscript());
  server = await serveTranscript(join(dir, 'qmp'), session);
});
afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

it('answers over a socket what was recorded, and refuses what was not', async () => {
  const client = await QmpClient.connect({ path: join(dir, 'qmp') });
  expect((await client.execute('query-version')).qemu).toMatchObject({ major: 7, minor: 2 });
  expect(client.greeting.version).toMatchObject({ major: 7, minor: 2 });
  expect(await client.execute('device-list-properties', { typename: 'virtio-blk-pci' })).toContainEqual(
    expect.objectContaining({ name: 'packed' }),
  );
  expect(await rejection(client.execute('device-list-properties', { typename: 'no-such' }))).toMatchObject({
    errorClass: 'CommandNotFound',
  });
  expect(server.unknown).toEqual([{ execute: 'device-list-properties', arguments: { typename: 'no-such' } }]);
  const event = client.waitFor('SHUTDOWN');
  server.emit('SHUTDOWN', { guest: true });
  expect((await event).data.guest).toBe(true);
  await client.close();
});

it('its end is the end of the connection', async () => {
  const client = await QmpClient.connect(join(dir, 'qmp'));
  const waiting = client.waitFor('SHUTDOWN');
  await server.close();
  expect(await rejection(waiting)).toHaveProperty('name', 'QmpConnectionLostError');
  server = await serveTranscript(join(dir, 'again'), []);
});

it('hangs up on garbage and lives on', async () => {
  const socket = createConnection(join(dir, 'qmp'));
  socket.on('error', () => {});
  socket.resume();
  socket.write('}{\n');
  await once(socket, 'close');
  const client = await QmpClient.connect(join(dir, 'qmp'));
  await client.close();
});
