import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/machine/judge.ts';
import { parseRecord } from '../../../src/machine/record.ts';

const RESTART = { onPoweroff: 'restart', onReboot: 'restart', onCrash: 'restart' } as const;
const DESTROY = { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' } as const;

const shutdown = (reason: string) => [{ event: 'SHUTDOWN', data: { reason }, timestampMs: 0 }];

describe('the end of a machine', () => {
  it.each([
    ['guest-shutdown', 'shutdown', true],
    ['guest-reset', 'shutdown', true],
    ['guest-panic', 'crashed', true],
    ['host-qmp-quit', 'destroyed', false],
    ['host-signal', 'destroyed', false],
    ['host-error', 'failed', false],
  ])('by %s is %s, and started again if the domain says so: %s', (cause, reason, restart) => {
    expect(judge(shutdown(cause), RESTART)).toEqual({ reason, restart });
    expect(judge(shutdown(cause), DESTROY)).toEqual({ reason, restart: false });
  });

  it('without SHUTDOWN is a failure', () => {
    expect(judge([], RESTART)).toEqual({ reason: 'failed', restart: false });
  });

  it('that was asked for is never started again, and a reboot always is', () => {
    expect(judge(shutdown('guest-shutdown'), RESTART, 'destroy')).toEqual({
      reason: 'destroyed',
      restart: false,
    });
    expect(judge(shutdown('guest-shutdown'), DESTROY, 'reboot')).toEqual({
      reason: 'shutdown',
      restart: true,
    });
  });

  it('is judged by the last SHUTDOWN: an earlier one was of a paused machine that was reset', () => {
    expect(judge([...shutdown('guest-shutdown'), ...shutdown('host-qmp-quit')], DESTROY).reason).toBe(
      'destroyed',
    );
  });
});

describe('the flight record', () => {
  it('gives events, not the greeting, replies or a cut line', () => {
    const record = [
      '{"QMP": {"version": {}, "capabilities": []}}',
      '{"return": {}}',
      '{"timestamp": {"seconds": 12, "microseconds": 345678}, "event": "STOP"}',
      '{"timestamp": {"seconds": 13, "microseconds": 0}, "event": "SHUT',
    ];
    expect(parseRecord(record.join('\r\n'))).toEqual([{ event: 'STOP', data: {}, timestampMs: 12345 }]);
  });
});
