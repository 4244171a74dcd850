import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hierarchyOf } from '../../src/host/cgroup/layout.ts';
import { realHost } from '../../src/host/real.ts';
import { realise, undoSteps } from '../../src/host/realise.ts';
import type { HostSystem } from '../../src/host/system.ts';
import type { HostRequirement } from '../../src/plan/index.ts';

const LOOKS: ReadonlySet<string> = new Set([
  ...['listDirectory', 'readText', 'readLink', 'realPath', 'status', 'mayUse'],
  ...['blockDeviceNumber', 'deviceOf'],
]);
const POOL = '/sys/kernel/mm/hugepages/hugepages-2048kB';
/** Some forty starts, each with a program or two. */
const EVERY_K_TIMEOUT_MS = 240_000;
const real = realHost();

/** This host, for a process that makes no more calls after its k-th change, or whose k-th fails. The kernel closes what it had open. */
function hostThat(ends: 'dies' | 'fails', k: number): HostSystem & { readonly changes: () => number } {
  let changes = 0;
  return new Proxy(
    { ...real, changes: () => changes },
    {
      get(target, name) {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== 'function' || LOOKS.has(String(name)) || name === 'changes') return call;
        return (...args: unknown[]) => {
          if (name === 'closeDescriptor') return call.apply(target, args);
          if (ends === 'dies' && changes >= k) throw new Error('killed');
          changes++;
          if (ends === 'fails' && changes === k)
            throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
          return call.apply(target, args);
        };
      },
    },
  );
}

describe.skipIf(whyNot() !== undefined)(
  `steps on this kernel${whyNot() === undefined ? '' : ` (${whyNot()})`}`,
  () => {
    let root = '';
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'steps-'));
    });
    afterAll(() => rmSync(root, { recursive: true }));

    const requirements = (): readonly HostRequirement[] => {
      const mount = join(root, 'run/pages');
      return [
        {
          type: 'hugepages',
          allocate: true,
          needs: [{ memory: 'ram', pageKiB: 2048, pages: pages('free_hugepages') + 2, nodes: [0] }],
        },
        { type: 'hugetlbfs', path: mount, pageKiB: 2048 },
        { type: 'directory', path: join(mount, 'guest') },
        {
          ...{ type: 'cgroup', device: 'killed', cpuShares: 200, memoryNodes: '0', blockDevices: [] },
          memory: { hardLimitKiB: 64 * 1024 },
          devices: { nodes: [], drivers: [] },
          threadGroups: [{ name: 'vcpu0', quotaUs: 20_000 }],
        },
      ];
    };
    const pages = (file: string) => Number(readFileSync(join(POOL, file), 'utf8'));
    const groups = () =>
      (['cpu', 'cpuset', 'memory', 'devices'] as const).map((controller) => {
        const { mount, version } = hierarchyOf(controller, 'killed', real);
        const control = version === 2 ? readFileSync(`${mount}/cgroup.subtree_control`, 'utf8') : '';
        return [existsSync(`${mount}/qdom-killed`), control.trim().split(' ').sort()];
      });
    const see = () => ({
      pages: ['nr_hugepages', 'free_hugepages', 'surplus_hugepages'].map(pages),
      mounts: readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(root)),
      groups: groups(),
      files: readdirSync(root, { recursive: true }).filter(
        (name) => !/\.lock$|^(?:owners|journal)/.test(String(name)),
      ),
      owned: existsSync(join(root, 'owners'))
        ? readdirSync(join(root, 'owners')).filter((n) => n !== '.lock')
        : [],
    });
    const journal = () => join(root, 'journal');
    const start = (host: HostSystem) =>
      realise(requirements(), host, journal(), {
        ...{ directory: join(root, 'owners'), machine: 'killed', isThere: () => false },
      });

    it.each(['dies', 'fails'] as const)(
      'leave the host as it was when their process %s at the k-th change, for every k',
      async (ends) => {
        const before = see();
        for (let k = 1; ; k++) {
          const host = hostThat(ends, k);
          const done = await start(host).then(
            () => true,
            () => false,
          );
          if (done) expect(see()).not.toEqual(before);
          if (done || ends === 'dies')
            expect(await undoSteps(real, journal(), 'rollback'), `k = ${k}`).toEqual([]);
          expect(see(), `k = ${k}`).toEqual(before);
          rmSync(journal(), { force: true });
          if (done && host.changes() < k) break;
        }
      },
      EVERY_K_TIMEOUT_MS,
    );
  },
);

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'cgroups and hugepages need root';
  if (!/ cgroup2? /.test(readFileSync('/proc/self/mounts', 'utf8'))) return 'no cgroups are mounted';
  return existsSync(POOL) ? undefined : 'this kernel has no hugepages of 2 MiB';
}
