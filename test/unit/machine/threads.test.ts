import { describe, expect, it } from 'vitest';
import { threadProblems } from '../../../src/machine/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

describe('a thread that is to be on CPUs of the host', () => {
  const problems = (online: string | undefined, cpus: string) =>
    threadProblems(
      new FakeHost(online === undefined ? {} : { '/sys/devices/system/cpu/online': `${online}\n` }),
      [{ thread: { kind: 'vcpu', id: 2 }, cpus, from: { path: '/domain/cputune' } }],
    );

  it('needs one of them to be online, which is looked at before anything is done', () => {
    expect(problems('0-1,8', '1-4')).toEqual([]);
    expect(problems('0-1,8', '8')).toEqual([]);
    expect(problems('0-1,8', '2-7')).toMatchObject([
      {
        code: 'host/thread-refused',
        path: '/domain/cputune',
        message: "vcpu 2 cannot get the CPUs '2-7': online are '0-1,8'",
      },
    ]);
  });

  it('is for the kernel to refuse where it does not say which are', () => {
    expect(problems(undefined, '7')).toEqual([]);
  });
});
