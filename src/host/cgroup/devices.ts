import { fail, messageOf } from '../../errors/index.ts';
import type { DeviceAccess } from '../../plan/index.ts';
import { type DeviceRule, printRule } from '../device-rules.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';

/** What every QEMU may open. */
const ALWAYS = ['null', 'zero', 'full', 'random', 'urandom', 'ptmx', 'kvm', 'userfaultfd'].map(
  (name) => `/dev/${name}`,
);

/** The devices that are there; what is a file, or not there, QEMU itself will complain of. */
function deviceRules({ nodes, drivers }: DeviceAccess, host: HostSystem): readonly DeviceRule[] {
  const single = [...ALWAYS, ...nodes].flatMap((path) => host.deviceOf(path) ?? []);
  const [characters = '', blocks = ''] = (host.readText('/proc/devices') ?? '').split('Block devices:');
  const whole = (kind: 'b' | 'c', text: string): readonly DeviceRule[] =>
    text.split('\n').flatMap((line) => {
      const [, major, name = ''] = /^\s*(\d+) (\S+)$/.exec(line) ?? [];
      return drivers.includes(name) ? [{ kind, major: Number(major) }] : [];
    });
  const all = [...single, ...whole('c', characters), ...whole('b', blocks)];
  return [...new Map(all.map((rule) => [printRule(rule), rule])).values()];
}

/** @throws QdomError `host/cgroup-refused`. */
export function allowDevices(version: 1 | 2, group: string, access: DeviceAccess, host: HostSystem): void {
  const rules = deviceRules(access, host);
  if (version === 2) attempt(group, 'a program for devices', () => host.allowDevices(group, rules));
  else {
    write(`${group}/devices.deny`, 'a', host);
    for (const rule of rules) write(`${group}/devices.allow`, printRule(rule), host);
    checkList(`${group}/devices.list`, rules, host);
  }
}

function checkList(file: string, rules: readonly DeviceRule[], host: HostSystem): void {
  const found = (host.readText(file) ?? '').trim().split('\n');
  const missing = rules.map(printRule).find((rule) => !found.includes(rule));
  if (missing !== undefined || found.length !== rules.length)
    throw fail(cgroupErrors['cgroup-refused'], {
      file,
      value: missing ?? 'what is asked for alone',
      reason: `the kernel holds '${found.join(', ')}'`,
    });
}

function write(file: string, value: string, host: HostSystem): void {
  attempt(file, value, () => host.overwrite(file, value));
}

function attempt(file: string, value: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    const reason = messageOf(cause);
    throw fail(cgroupErrors['cgroup-refused'], { file, value, reason }, { cause });
  }
}
