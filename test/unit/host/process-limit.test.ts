import { describe, expect, it } from 'vitest';
import { foresee, realise } from '../../../src/host/realise.ts';
import type { HostRequirement, ProcessLimitRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const owners = { directory: '/run/owners', machine: 'guest', isThere: () => false };
const limit = (
  resource: ProcessLimitRequirement['resource'],
  value: ProcessLimitRequirement['value'],
): HostRequirement => ({ type: 'process-limit', resource, value });

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max core file size        0                    unlimited            bytes     
Max processes             100                  200                  processes 
Max open files            1024                 4096                 files     
Max locked memory         65536                8388608              bytes     
`;
const NO_CAPABILITIES = '0000000000000000';
const ALL_CAPABILITIES = '000001ffffffffff';

function hostWith(capabilities: string): FakeHost {
  return new FakeHost({
    '/usr/bin/prlimit': '',
    '/run/m': null,
    '/proc/self/limits': LIMITS,
    '/proc/self/status': `Name:\tnode\nCapEff:\t${capabilities}\n`,
    '/proc/sys/fs/nr_open': '1048576\n',
  });
}

async function problem(host: FakeHost, requirement: HostRequirement): Promise<string | undefined> {
  const [step] = await foresee([requirement], { host, owners });
  return step?.problems[0]?.message;
}

describe("limits of QEMU's process", () => {
  it('without privileges up to the hard limit', async () => {
    const host = hostWith(NO_CAPABILITIES);
    expect(await problem(host, limit('memlock', 8_388_608n))).toBeUndefined();
    expect(await problem(host, limit('core', 'unlimited'))).toBeUndefined();
    expect(await problem(host, limit('memlock', 8_388_609n))).toBe(
      "QEMU needs a limit of '8388609' bytes of locked memory, and '8388608' is the most that can be given here",
    );
    expect(await problem(host, limit('nproc', 'unlimited'))).toMatch(/'unlimited' processes of QEMU's user/);
  });

  it('with CAP_SYS_RESOURCE without bound, but for open files', async () => {
    const host = hostWith(ALL_CAPABILITIES);
    expect(await problem(host, limit('memlock', 'unlimited'))).toBeUndefined();
    expect(await problem(host, limit('nofile', 1_048_576n))).toBeUndefined();
    expect(await problem(host, limit('nofile', 1_048_577n))).toMatch(/'1048576' is the most/);
  });

  it('of several of one resource the greatest counts', async () => {
    const requirements = [
      limit('memlock', 10n),
      limit('memlock', 30n),
      limit('memlock', 20n),
      limit('core', 0n),
    ];
    const { wrapper } = await realise(
      requirements,
      hostWith(ALL_CAPABILITIES),
      '/run/m/journal.jsonl',
      owners,
    );
    expect(wrapper).toEqual(['/usr/bin/prlimit', '--memlock=30:30', '--core=0:0', '--']);
  });
});
