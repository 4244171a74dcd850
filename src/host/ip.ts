import { fail } from '../errors/index.ts';
import { hostErrors } from './errors.ts';
import type { HostSystem } from './system.ts';

/** Runs a program and gives its output. @throws QdomError `host/command-failed` with what it says. */
export async function command(
  host: HostSystem,
  program: string,
  args: readonly string[],
  options?: { readonly timeoutMs: number },
): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run(program, args, options);
  if (exitCode === 0) return stdout;
  const reason = stderr.trim().replace(/\s*\n\s*/g, '; ') || `exit status ${exitCode}`;
  throw fail(hostErrors['command-failed'], { command: [program, ...args].join(' '), reason });
}

/** Runs `ip`. @throws QdomError `host/command-failed` with what it says. */
export function ip(host: HostSystem, args: readonly string[]): Promise<string> {
  return command(host, 'ip', args);
}

export interface LinkSettings {
  readonly address: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly bridge?: string;
}

const IFF_UP = 1;

/** How a network interface is set, from sysfs (Documentation/ABI/testing/sysfs-class-net); undefined if it is not there. */
export function linkSettings(host: HostSystem, name: string): LinkSettings | undefined {
  const directory = linkDirectory(name);
  const flags = host.readText(`${directory}/flags`);
  if (flags === undefined) return undefined;
  const bridge = host.readLink(`${directory}/master`)?.split('/').at(-1);
  return {
    address: (host.readText(`${directory}/address`) ?? '').trim(),
    mtu: Number(host.readText(`${directory}/mtu`)),
    up: (Number.parseInt(flags, 16) & IFF_UP) !== 0,
    ...(bridge === undefined ? {} : { bridge }),
  };
}

/** What sysfs says of an interface: `ifindex`, `iflink`, `address`; undefined where there is no such file. */
export function linkText(host: HostSystem, name: string, file: string): string | undefined {
  return host.readText(`${linkDirectory(name)}/${file}`)?.trim();
}

function linkDirectory(name: string): string {
  return `/sys/class/net/${name}`;
}
