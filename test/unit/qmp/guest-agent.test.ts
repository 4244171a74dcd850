import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuestAgent, QmpConnectError } from '../../../src/qmp/index.ts';
import { type Command, Peer, rejection, settled } from './peer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** An agent that does one command after the other; an old one does not echo ids. */
class Agent extends Peer {
  readonly echoesIds: boolean;
  answer: (command: Command) => unknown = () => ({ return: {} });

  constructor(echoesIds: boolean) {
    super();
    this.echoesIds = echoesIds;
    this.onCommand = (command) => {
      if (command.execute === 'guest-sync-delimited') {
        this.bytes(Buffer.of(0xff));
        this.reply({ return: command.arguments?.id }, command);
      } else {
        const answer = this.answer(command);
        if (answer !== undefined) this.reply(answer, command);
      }
    };
  }

  reply(answer: unknown, command: Command | undefined): void {
    this.say({ ...(answer as object), ...(this.echoesIds ? { id: command?.id } : {}) });
  }
}

describe.each([
  ['an agent that echoes ids', true],
  ['an old agent', false],
])('%s', (_, echoesIds) => {
  it('is synchronised with 0xFF first, past what an earlier client left', async () => {
    const peer = new Agent(echoesIds);
    peer.bytes('{"return": "left by somebody"}\nhalf of {"a');
    const agent = await GuestAgent.connect(peer.stream);
    expect(peer.raw[0]).toEqual(Buffer.of(0xff));
    await agent.ping();
    expect(agent.state).toBe('running');
    await agent.close();
  });

  it('gives answers and refusals', async () => {
    const peer = new Agent(echoesIds);
    const agent = await GuestAgent.connect(peer.stream);
    peer.answer = () => ({ return: 2 });
    expect(await agent.freeze()).toBe(2);
    peer.answer = () => ({ error: { class: 'CommandNotFound', desc: 'disabled' } });
    expect(await rejection(agent.thaw())).toMatchObject({
      outcome: 'refused',
      errorClass: 'CommandNotFound',
    });
    await agent.close();
  });

  it('never takes a late answer for the next command’s', async () => {
    const peer = new Agent(echoesIds);
    const agent = await GuestAgent.connect(peer.stream);
    const held: Command[] = [];
    peer.answer = (command) => void held.push(command);
    const slow = agent.execute('guest-get-time', undefined, { timeoutMs: 100 });
    await settled();
    const after = agent.freezeStatus();
    vi.advanceTimersByTime(100);
    expect(await rejection(slow)).toHaveProperty('outcome', 'unknown');
    peer.answer = () => ({ return: 'frozen' });
    peer.reply({ return: 12345 }, held[0]);
    expect(await after).toBe('frozen');
    await agent.close();
  });

  it('takes no late answer to an earlier synchronisation for the new one', async () => {
    const peer = new Agent(echoesIds);
    const agent = await GuestAgent.connect(peer.stream);
    const answering = peer.onCommand;
    const held: Command[] = [];
    peer.onCommand = (command) => void held.push(command);
    const silent = agent.execute('guest-ping', undefined, { timeoutMs: 10 });
    const unsynchronised = agent.execute('guest-ping', undefined, { timeoutMs: 10 });
    for (const one of [silent, unsynchronised]) {
      await settled();
      vi.advanceTimersByTime(10);
      expect(await rejection(one)).toHaveProperty('outcome', 'unknown');
    }
    const status = agent.freezeStatus();
    await settled();
    peer.answer = () => ({ return: 'frozen' });
    for (let command = held.shift(); command !== undefined; command = held.shift()) {
      answering(command);
      await settled();
    }
    expect(await status).toBe('frozen');
    await agent.close();
  });

  it('a shutdown is accepted when the agent goes on, refused when it says so, done when it is gone', async () => {
    const peer = new Agent(echoesIds);
    const agent = await GuestAgent.connect(peer.stream);
    peer.answer = () => undefined;
    await agent.shutdown();
    expect(peer.commands.at(-2)).toMatchObject({
      execute: 'guest-shutdown',
      arguments: { mode: 'powerdown' },
    });
    peer.answer = () => ({ error: { class: 'GenericError', desc: 'not now' } });
    expect(await rejection(agent.shutdown('reboot'))).toHaveProperty('desc', 'not now');
    peer.answer = () => ({ return: {} });
    await agent.ping();
    peer.onCommand = () => peer.end();
    await agent.shutdown();
    await agent.close();
  });
});

it('that nobody answers is told within the deadline', async () => {
  const peer = new Peer();
  const connecting = GuestAgent.connect(peer.stream, { timeoutMs: 200 });
  await settled();
  vi.advanceTimersByTime(200);
  expect(await rejection(connecting)).toBeInstanceOf(QmpConnectError);
  expect(peer.stream.destroyed).toBe(true);
});
