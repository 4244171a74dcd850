import { basename, dirname } from 'node:path';
import { fail } from '../errors/index.ts';
import { hostErrors } from './errors.ts';
import { realName } from './file-claim.ts';
import type { HostSystem } from './system.ts';

/** linux/net.h: __SO_ACCEPTCON, as proc(5) shows it in /proc/net/unix. */
const LISTENS = 0x00010000;

/**
 * Whether a socket can be made at a path: its directory is there, and nothing else than a socket that was left.
 * @throws QdomError `host/socket-blocked`
 */
export function checkSocketPlace(path: string, host: HostSystem): void {
  const refuse = (reason: string) => fail(hostErrors['socket-blocked'], { path, reason });
  if (host.status(dirname(path))?.kind !== 'directory') throw refuse('its directory is not there');
  refuseOccupied(path, host);
}

/**
 * What is there may only be a socket that was left.
 * @throws QdomError `host/socket-blocked`
 */
export function refuseOccupied(path: string, host: HostSystem): void {
  const refuse = (reason: string) => fail(hostErrors['socket-blocked'], { path, reason });
  const there = host.status(path)?.kind;
  if (there !== undefined && there !== 'socket') throw refuse('something else is there');
  if (there === 'socket' && isListening(path, host)) throw refuse('another program listens there');
}

/** Whether a program of this network namespace listens there, by whatever name of the place. */
function isListening(path: string, host: HostSystem): boolean {
  const real = realName(path, host);
  return (host.readText('/proc/net/unix') ?? '').split('\n').some((line) => {
    const [, , , flags = '0', , , , ...words] = line.trim().split(/\s+/);
    const name = words.join(' ');
    if (basename(name) !== basename(real) || (Number.parseInt(flags, 16) & LISTENS) === 0) return false;
    return name === path || realName(name, host) === real;
  });
}
