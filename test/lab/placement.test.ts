import { readdirSync } from 'node:fs';
import { afterAll, afterEach, expect, it } from 'vitest';
import { GuestAtRoot } from './guest-at-root.ts';
import { text } from './helpers.ts';

const guest = new GuestAtRoot('placement');

/** The CPUs of the threads by their names. */
function threads(): Record<string, string> {
  const tasks = `/proc/${guest.qemuPid()}/task`;
  return Object.fromEntries(
    readdirSync(tasks).map((tid) => [
      text(`${tasks}/${tid}/comm`),
      /Cpus_allowed_list:\s*(\S+)/.exec(text(`${tasks}/${tid}/status`))?.[1] ?? '',
    ]),
  );
}

afterEach(() => guest.destroy());
afterAll(() => guest.end());

it('a domain that is placed automatically is on one node with its memory and all its threads, and says which', async () => {
  expect(await guest.create("<vcpu placement='auto'>1</vcpu>")).toMatchObject({ exitCode: 0, stderr: '' });
  const { stdout } = await guest.qdom('dumpxml', 'guest');
  const [, node] = /<memory mode='strict' nodeset='([01])' placement='auto'\/>/.exec(stdout) ?? [];
  expect(node).toBeDefined();
  expect(stdout).toContain(`<vcpu placement='auto' cpuset='${node}'>1</vcpu>`);
  expect(new Set(Object.values(threads()))).toEqual(new Set([node]));
});

it('memory that only the cgroup keeps to a node is kept to it from the first page on', async () => {
  const body = "<vcpu>1</vcpu><numatune><memory mode='restrictive' nodeset='1'/></numatune>";
  expect(await guest.create(body)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(text('/sys/fs/cgroup/qdom-guest/cpuset.mems')).toBe('1');
  const anonymous = text(`/proc/${guest.qemuPid()}/numa_maps`)
    .split('\n')
    .filter((line) => / anon=\d+/.test(line) && / N\d+=/.test(line) && !/ file=/.test(line));
  expect(anonymous.length).toBeGreaterThan(0);
  expect(anonymous.filter((line) => / N0=/.test(line))).toEqual([]);
});
