import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  QmpClient,
  QmpCommandError,
  QmpConnectError,
  QmpConnectionLostError,
  QmpProtocolError,
  QmpTimeoutError,
} from '../../../src/qmp/index.ts';
import { type Command, Peer, rejection, settled } from './peer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function connected(peer = new Peer()): Promise<{ peer: Peer; client: QmpClient }> {
  peer.greet();
  return { peer, client: await QmpClient.connect(peer.stream) };
}

const sentIds = (peer: Peer): (string | undefined)[] => peer.commands.slice(1).map((command) => command.id);

describe('connecting', () => {
  it('goes through its states, turns out-of-band on, and closes', async () => {
    const states: string[] = [];
    const peer = new Peer().greet();
    const client = await QmpClient.connect(peer.stream, { onStateChange: (state) => states.push(state) });
    expect(client.greeting).toEqual({ version: { major: 7, minor: 2, micro: 0 }, package: '', oob: true });
    expect(peer.commands[0]).toMatchObject({ execute: 'qmp_capabilities', arguments: { enable: ['oob'] } });
    await client.close();
    expect(states).toEqual(['connecting', 'negotiating', 'running', 'closing', 'closed']);
    expect(client.closeReason).toBeUndefined();
  });

  it.each([
    ['a silent server', (_: Peer) => vi.advanceTimersByTime(100), QmpConnectError, /no answer within 100 ms/],
    ['an early end', (peer: Peer) => peer.end(), QmpConnectionLostError, /the peer closed it/],
    ['a reset', (peer: Peer) => peer.reset(), QmpConnectionLostError, /ECONNRESET/],
    ['something else than QMP', (peer: Peer) => peer.bytes('SSH-2.0-x\r\n'), QmpProtocolError, /SSH-2.0/],
    ['a greeting without version', (peer: Peer) => peer.say({ QMP: {} }), QmpProtocolError, /no version/],
    ['no object', (peer: Peer) => peer.say([1]), QmpProtocolError, /no object/],
    ['invalid UTF-8', (peer: Peer) => peer.bytes(Buffer.of(0x22, 0xfe, 0x0a)), QmpProtocolError, /not UTF-8/],
  ])('%s is one error, and leaves nothing', async (_, act, kind, message) => {
    const peer = new Peer();
    const states: string[] = [];
    const connecting = QmpClient.connect(peer.stream, {
      timeoutMs: 100,
      onStateChange: (state) => states.push(state),
    });
    await settled();
    act(peer);
    const error = await rejection(connecting);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
    expect(states).toEqual(['connecting', 'negotiating', 'closing', 'closed']);
    expect(peer.stream.destroyed).toBe(true);
  });

  it('a refused negotiation is QEMU’s refusal', async () => {
    const peer = new Peer();
    peer.onCommand = ({ id }) => peer.say({ error: { class: 'CommandNotFound', desc: 'busy' }, id });
    peer.say({ QMP: { version: { qemu: { major: 9 } }, capabilities: [] } });
    expect(await rejection(QmpClient.connect(peer.stream))).toBeInstanceOf(QmpCommandError);
  });

  it('an abort ends it, before or in the middle', async () => {
    const early = rejection(QmpClient.connect(new Peer().stream, { signal: AbortSignal.abort() }));
    expect(await early).toBeInstanceOf(QmpConnectError);
    const abort = new AbortController();
    const peer = new Peer();
    const connecting = QmpClient.connect(peer.stream, { signal: abort.signal });
    await settled();
    abort.abort();
    expect(await rejection(connecting)).toBeInstanceOf(QmpConnectError);
    expect(peer.stream.destroyed).toBe(true);
  });

  it('there being no such socket is said', async () => {
    const error = await rejection(QmpClient.connect('/nonexistent/qmp.sock'));
    expect(error).toBeInstanceOf(QmpConnectError);
    expect(error.message).toBe("cannot connect to '/nonexistent/qmp.sock': it does not exist (ENOENT)");
  });
});

describe('commands', () => {
  it('gives each reply to its command, whatever the order', async () => {
    const { peer, client } = await connected();
    const status = client.execute('query-status');
    const name = client.execute('query-name');
    const [first, second] = sentIds(peer);
    peer.say({ return: { name: 'vm' }, id: second });
    peer.say({ return: { running: true, singlestep: false, status: 'running' }, id: first });
    expect(await name).toEqual({ name: 'vm' });
    expect((await status).status).toBe('running');
    await client.close();
  });

  it('tells a refusal with its class and words', async () => {
    const { peer, client } = await connected();
    peer.onCommand = ({ id }) => peer.say({ error: { class: 'DeviceNotFound', desc: "no 'x'" }, id });
    const error = await rejection(client.execute('device_del', { id: 'x' }));
    expect(error).toMatchObject({
      name: 'QmpCommandError',
      outcome: 'refused',
      errorClass: 'DeviceNotFound',
      desc: "no 'x'",
      message: "'device_del' was refused: no 'x'",
    });
    await client.close();
  });

  it('after a deadline the outcome is unknown, and the late reply is dropped and counted', async () => {
    const { peer, client } = await connected();
    const slow = client.execute('query-status', {}, { timeoutMs: 50 });
    vi.advanceTimersByTime(50);
    const error = await rejection(slow);
    expect(error).toBeInstanceOf(QmpTimeoutError);
    expect(error).toHaveProperty('outcome', 'unknown');
    peer.say({ return: { status: 'running' }, id: sentIds(peer)[0] });
    peer.say({ return: {}, id: 'somebody-else-1' });
    peer.onCommand = ({ id }) => peer.say({ return: { name: 'vm' }, id });
    expect(await client.execute('query-name')).toEqual({ name: 'vm' });
    expect(client.strayReplies).toEqual({ late: 1, unknown: 1 });
    await client.close();
  });

  it('a reply without id is a protocol error that ends all', async () => {
    const { peer, client } = await connected();
    const waiting = client.execute('query-status');
    const event = client.waitFor('SHUTDOWN');
    peer.say({ error: { class: 'GenericError', desc: 'JSON parse error' } });
    expect(await rejection(waiting)).toMatchObject({ name: 'QmpProtocolError', outcome: 'unknown' });
    expect(await rejection(event)).toBeInstanceOf(QmpConnectionLostError);
    expect(client.closeReason?.message).toMatch(/no id: JSON parse error/);
    expect(await rejection(client.execute('query-name'))).toMatchObject({
      name: 'QmpStateError',
      outcome: 'not-sent',
    });
  });

  it('a huge message is refused', async () => {
    const peer = new Peer().greet();
    const client = await QmpClient.connect(peer.stream, { maxMessageBytes: 1000 });
    const waiting = client.execute('query-status');
    peer.bytes('x'.repeat(1001));
    expect((await rejection(waiting)).message).toMatch(/longer than 1000 bytes/);
  });

  it('an abort gives up one command only', async () => {
    const { peer, client } = await connected();
    const abort = new AbortController();
    const given = client.execute('query-status', {}, { signal: abort.signal });
    const kept = client.execute('query-name');
    abort.abort();
    expect(await rejection(given)).toMatchObject({ name: 'QmpAbortedError', outcome: 'unknown' });
    const never = client.execute('query-status', {}, { signal: abort.signal });
    expect(await rejection(never)).toMatchObject({ outcome: 'not-sent' });
    peer.say({ return: {}, id: sentIds(peer)[1] });
    expect(await kept).toEqual({});
    await client.close();
  });

  it('what JSON cannot say is refused before it is sent', async () => {
    const { peer, client } = await connected();
    const error = await rejection(client.call('balloon', { value: 1n }));
    expect(error).toMatchObject({ outcome: 'not-sent' });
    expect(error.message).toMatch(/'balloon' cannot be written as JSON/);
    expect(peer.commands).toHaveLength(1);
    await client.close();
  });

  it('keeps the ninth command back, so that an out-of-band one overtakes', async () => {
    const { peer, client } = await connected();
    const waiting = Array.from({ length: 9 }, () => client.execute('query-status', {}, { timeoutMs: 10 }));
    const urgent = client.execute('migrate-pause', undefined, { oob: true });
    expect(peer.commands).toHaveLength(10);
    expect(peer.commands.at(-1)?.['exec-oob']).toBe('migrate-pause');
    peer.say({ return: {}, id: peer.commands.at(-1)?.id });
    await urgent;
    vi.advanceTimersByTime(10);
    const outcomes = await Promise.all(waiting.map(rejection));
    expect(outcomes.slice(0, 8).every((error) => 'outcome' in error && error.outcome === 'unknown')).toBe(
      true,
    );
    expect(outcomes[8]).toMatchObject({ outcome: 'not-sent' });
    const next = client.execute('query-name');
    expect(peer.commands).toHaveLength(10);
    peer.say({ return: {}, id: peer.commands[1]?.id });
    await settled();
    peer.say({ return: { name: 'x' }, id: peer.commands[10]?.id });
    expect(await next).toEqual({ name: 'x' });
    await client.close();
  });

  it('when the connection ends, each command knows whether it was sent', async () => {
    const { peer, client } = await connected();
    const waiting = Array.from({ length: 10 }, () => client.execute('query-status'));
    peer.end();
    const outcomes = (await Promise.all(waiting.map(rejection))).map(
      (error) => 'outcome' in error && error.outcome,
    );
    expect(outcomes).toEqual([...Array(8).fill('unknown'), 'not-sent', 'not-sent']);
  });

  it('out of band is refused where it is not offered', async () => {
    const peer = new Peer().greet({ QMP: { version: { qemu: { major: 9 } }, capabilities: [] } });
    const client = await QmpClient.connect(peer.stream);
    const error = await rejection(client.execute('migrate-pause', undefined, { oob: true }));
    expect(error.message).toMatch(/does not offer it/);
    await client.close();
  });
});

describe('events', () => {
  it('come to all who listen from then on, in order, and end with the connection', async () => {
    const { peer, client } = await connected();
    peer.event('STOP');
    await settled();
    const all = client.events();
    const some = client.events('RESUME');
    peer.event('RESUME');
    peer.event('SHUTDOWN', { guest: true, reason: 'guest-shutdown' });
    peer.end();
    const names: string[] = [];
    for await (const event of all) names.push(event.event);
    expect(names).toEqual(['RESUME', 'SHUTDOWN']);
    expect((await some.next()).value).toMatchObject({ event: 'RESUME', timestamp: { seconds: 1 } });
    expect((await some.next()).done).toBe(true);
    expect((await client.events().next()).done).toBe(true);
  });

  it('leaving the loop stops the listening', async () => {
    const { peer, client } = await connected();
    const stream = client.events('STOP');
    peer.event('STOP');
    for await (const event of stream) {
      expect(event.data).toEqual({});
      break;
    }
    peer.event('STOP');
    await settled();
    expect((await stream.next()).done).toBe(true);
    await client.close();
  });

  it('waitFor takes the first that fits, even when the connection ends right after it', async () => {
    const { peer, client } = await connected();
    const deleted = client.waitFor('DEVICE_DELETED', (event) => event.data.device === 'b');
    const either = client.waitFor(['SHUTDOWN', 'STOP']);
    const late = client.waitFor('RESET');
    peer.event('DEVICE_DELETED', { device: 'a', path: '/a' });
    peer.event('DEVICE_DELETED', { device: 'b', path: '/b' });
    peer.event('STOP');
    peer.end();
    expect((await deleted).data.path).toBe('/b');
    expect((await either).event).toBe('STOP');
    expect((await rejection(late)).message).toMatch(/'RESET' had not come/);
  });

  it('waitFor has a deadline, a signal, and tells a predicate’s error', async () => {
    const { peer, client } = await connected();
    const timely = client.waitFor('STOP', undefined, { timeoutMs: 20 });
    vi.advanceTimersByTime(20);
    expect(await rejection(timely)).toBeInstanceOf(QmpTimeoutError);
    const aborted = client.waitFor('STOP', undefined, { signal: AbortSignal.abort() });
    expect(await rejection(aborted)).toHaveProperty('name', 'QmpAbortedError');
    const broken = client.waitFor('STOP', () => {
      throw new RangeError('mine');
    });
    const other = client.waitFor('STOP');
    peer.event('STOP');
    expect(await rejection(broken)).toBeInstanceOf(RangeError);
    expect((await other).event).toBe('STOP');
    await client.close();
  });

  it('a reader that is too slow is told, and nobody else', async () => {
    const { peer, client } = await connected();
    const stream = client.events('STOP');
    for (let i = 0; i <= 10_000; i++) peer.event('STOP');
    await settled();
    for (let i = 0; i <= 10_000; i++) expect((await stream.next()).done).toBe(false);
    expect((await rejection(stream.next())).message).toMatch(/more than 10000 events/);
    const commands: Command[] = [];
    peer.onCommand = (command) => {
      commands.push(command);
      peer.say({ return: {}, id: command.id });
    };
    await client.execute('query-status');
    await client.close();
  });
});
