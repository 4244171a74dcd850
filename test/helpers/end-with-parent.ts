import { spawn } from 'node:child_process';
import { qdomCommand } from './cli.ts';

/** Waits for the end of a process, and then runs a command if a directory is still there. Who is ended and not waited for is a zombie. */
const WATCH = `
while read -r stat <"/proc/$1/stat"; do
  case "$stat" in *') Z '*) break ;; esac
  sleep 1
done 2>/dev/null
[ -d "$2" ] || exit 0
shift 2
exec "$@"`;

/**
 * Ends a machine, if it is still there, when this process has ended, however: tests that are killed run no `afterAll`, and what they have
 * started is in a session of its own.
 */
export function endWithParent(root: string, machine: string): void {
  const words = ['-c', WATCH, 'sh', String(process.pid), root, ...qdomCommand(root), 'destroy', machine];
  spawn('/bin/sh', words, { detached: true, stdio: 'ignore' }).unref();
}
