import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { nodeWithTypeScript } from './machines.ts';

/** Why network namespaces cannot be used here; undefined where they can. */
export function noNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  return undefined;
}

/** A /sys that shows the namespace's links; the host's cgroups stay where they are. */
const OWN_SYS =
  'd=$(mktemp -d) && mount --rbind /sys/fs/cgroup $d && mount -t sysfs sysfs /sys && mount --move $d /sys/fs/cgroup && rmdir $d';

/** Runs a script in a network namespace of its own, with its own /sys, and gives the JSON that it prints. */
export async function inNamespace<T>(script: URL): Promise<T> {
  const inside = `${OWN_SYS} && ip link set lo up && exec "$@"`;
  const { stdout } = await execa('unshare', [
    ...['--net', '--mount', 'sh', '-c', inside, 'sh'],
    ...nodeWithTypeScript,
    script.pathname,
  ]);
  return JSON.parse(stdout) as T;
}
