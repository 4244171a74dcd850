import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { QmpClient } from '../../../src/qmp/index.ts';
import { GREETING, rejection } from './peer.ts';

let server: Server | undefined;
const peers: Socket[] = [];

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  const closed = server === undefined ? undefined : once(server, 'close');
  server?.close();
  await closed;
});

/** A QMP server on a loopback port that answers the first command only. */
async function listen(onSecond: (peer: Socket, id: string) => void): Promise<number> {
  server = createServer((peer) => {
    peers.push(peer);
    let commands = 0;
    peer.on('error', () => {});
    peer.write(`${JSON.stringify(GREETING)}\r\n`);
    peer.on('data', (chunk) => {
      const [first = ''] = chunk.toString().split('\n');
      const { id } = JSON.parse(first);
      if (++commands > 1) onSecond(peer, id);
      else peer.write(`${JSON.stringify({ return: {}, id })}\r\n`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('a connection that is reset settles what waits and leaves no uncaught error', async () => {
  const port = await listen((peer) => peer.resetAndDestroy());
  const client = await QmpClient.connect({ host: '127.0.0.1', port });
  const waiting = [client.execute('query-status'), client.execute('query-name')];
  for (const one of waiting) expect(await rejection(one)).toHaveProperty('name', 'QmpConnectionLostError');
  expect(client.closeReason?.message).toMatch(/ECONNRESET|closed it/);
});

it('a reply that comes byte by byte is a reply', async () => {
  const port = await listen((peer, id) => {
    peer.setNoDelay(true);
    const reply = Buffer.from(`${JSON.stringify({ return: { name: 'größe ☃' }, id })}\n`);
    for (const byte of reply) peer.write(Uint8Array.of(byte));
  });
  const client = await QmpClient.connect({ host: '127.0.0.1', port });
  expect(await client.execute('query-name')).toEqual({ name: 'größe ☃' });
  await client.close();
});

it('nobody listening is said', async () => {
  const port = await listen(() => {});
  const listening = server;
  server = undefined;
  listening?.close();
  if (listening !== undefined) await once(listening, 'close');
  const error = await rejection(QmpClient.connect({ host: '127.0.0.1', port }));
  expect(error.message).toBe(`cannot connect to '127.0.0.1:${port}': nobody listens there (ECONNREFUSED)`);
});
