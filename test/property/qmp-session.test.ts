import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { QmpClient, QmpError } from '../../src/qmp/index.ts';
import { Peer, settled } from '../unit/qmp/peer.ts';

/** One thing that happens; a number points at one of the commands sent so far. */
type Step =
  | { readonly do: 'execute'; readonly timeoutMs: number; readonly oob: boolean }
  | { readonly do: 'reply' | 'refuse' | 'abort'; readonly which: number }
  | { readonly do: 'event' | 'unknown-id' | 'time' };
type Death = 'end' | 'reset' | 'garbage' | 'no-id' | 'half' | 'close';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('execute' as const),
    timeoutMs: fc.integer({ min: 1, max: 30 }),
    oob: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom('reply' as const, 'refuse' as const, 'abort' as const),
    which: fc.nat(20),
  }),
  fc.record({ do: fc.constantFrom('event' as const, 'unknown-id' as const, 'time' as const) }),
);
const death = fc.constantFrom<Death>('end', 'reset', 'garbage', 'no-id', 'half', 'close');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Sent {
  readonly number: number;
  readonly abort: AbortController;
  readonly settlements: unknown[];
}

async function die(client: QmpClient, peer: Peer, how: Death): Promise<void> {
  if (how === 'end') peer.end();
  if (how === 'reset') peer.reset();
  if (how === 'garbage') peer.bytes('}{\n');
  if (how === 'no-id') peer.say({ return: {} });
  if (how === 'half') {
    peer.bytes('{"return"');
    peer.end();
  }
  if (how === 'close') await client.close();
}

function perform(client: QmpClient, peer: Peer, sent: Sent[], one: Step): void {
  switch (one.do) {
    case 'execute': {
      const command: Sent = { number: sent.length, abort: new AbortController(), settlements: [] };
      sent.push(command);
      client
        .call(
          'any',
          { number: command.number },
          { timeoutMs: one.timeoutMs, oob: one.oob, signal: command.abort.signal },
        )
        .then(
          (value) => command.settlements.push(value),
          (error) => command.settlements.push(error),
        );
      return;
    }
    case 'abort':
      sent[one.which]?.abort.abort();
      return;
    case 'reply':
    case 'refuse': {
      const command = peer.commands[one.which + 1];
      if (command === undefined) return;
      const number = command.arguments?.number;
      const answer =
        one.do === 'reply' ? { return: number } : { error: { class: 'GenericError', desc: String(number) } };
      peer.say({ ...answer, id: command.id });
      return;
    }
    case 'event':
      peer.event('STOP');
      return;
    case 'unknown-id':
      peer.say({ return: {}, id: 'x' });
      return;
    case 'time':
      vi.advanceTimersByTime(10);
  }
}

it('whatever happens in whatever order, each command is settled exactly once and by its own reply', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), death, async (steps, how) => {
      const peer = new Peer().greet();
      const client = await QmpClient.connect(peer.stream);
      const sent: Sent[] = [];
      for (const one of steps) {
        perform(client, peer, sent, one);
        await Promise.resolve();
      }
      await die(client, peer, how);
      await settled();
      expect(client.state).toBe('closed');
      expect(vi.getTimerCount()).toBe(0);
      for (const { number, settlements } of sent) {
        expect(settlements).toHaveLength(1);
        const [settlement] = settlements;
        if (settlement instanceof QmpError) {
          if (settlement.outcome === 'refused') expect(settlement).toHaveProperty('desc', String(number));
        } else expect(settlement).toBe(number);
      }
    }),
  );
});
