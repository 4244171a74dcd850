import { fail } from '../errors/index.ts';
import { SEARCH_PATH } from '../host/programs.ts';
import type { HostSystem } from '../host/system.ts';
import { machineErrors } from './errors.ts';
import { RUN_FILES } from './files.ts';

/** The first descriptor that is passed on; those below are standard input, output and error. */
export const FIRST_FD = 3;
/** dash can name descriptors of one digit only. */
const LAST_FD_OF_DASH = 9;

/**
 * The shell that stays beside QEMU. Started in the run directory as `sh -c SCRIPT NAME COUNT REAP… QEMU…`, where COUNT
 * is the number of words of the reap command. It notes who it is, starts QEMU (which notes who it is before it
 * becomes QEMU and enters its control groups), gives up the inherited descriptors, waits, writes the exit status and becomes `qdom reap NAME`.
 * Whoever takes back an unfinished start makes QEMU's note first (`set -C` never overwrites): then QEMU is not started.
 * What a shell says of a job that a signal ended is nobody's: QEMU's log is QEMU's.
 * Its files are relative to its directory: if the machine is gone and started anew meanwhile, it cannot write there.
 */
export function supervisorScript(
  fdCount: number,
  cgroups: readonly string[],
  terminal?: { input: number; output: number },
): string {
  const fds = Array.from({ length: fdCount }, (_, i) => FIRST_FD + i);
  const closeAll = fds.map((fd) => `${fd}<&-`).join(' ');
  return `
umask 077
trap : HUP INT TERM
read -r stat </proc/self/stat && printf '%s\\n' "$stat" >${RUN_FILES.supervisorStat}
count=$1; shift
(
  set -C
  read -r stat </proc/self/stat && printf '%s\\n' "$stat" >${RUN_FILES.qemuStat} || exit 125
  shift "$count"
  set +C
  cd /
  unset OLDPWD PWD
${cgroups.map((group) => `  echo 0 >${quoted(`${group}/cgroup.procs`)} || exit 125\n`).join('')}  exec "$@"
) ${terminal === undefined ? '' : `<&${terminal.input} >&${terminal.output} `}&
pid=$!
${closeAll === '' ? '' : `exec ${closeAll}`}
while :; do
  wait "$pid" 2>/dev/null; status=$?
  kill -0 "$pid" 2>/dev/null || break
done
printf '{"status":%d,"at":%d}\\n' "$status" "$(date +%s)" >${RUN_FILES.exit}.new && mv -f ${RUN_FILES.exit}.new ${RUN_FILES.exit}
[ "$count" -gt 0 ] || exit 0
total=$#; i=0
while [ "$i" -lt "$count" ]; do set -- "$@" "$1"; shift; i=$((i + 1)); done
shift $((total - count))
cd /
exec "$@" >/dev/null 2>&1
`;
}

/** A word for a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The shell for so many descriptors: `sh`, or bash where `sh` might be dash and could not close them all.
 * @throws QdomError `machine/too-many-descriptors` where bash is needed and not there.
 */
export function supervisorShell(host: HostSystem, fdCount: number): string {
  if (FIRST_FD + fdCount - 1 <= LAST_FD_OF_DASH) return '/bin/sh';
  if (host.status('/bin/bash') !== undefined) return '/bin/bash';
  throw fail(machineErrors['too-many-descriptors'], { count: fdCount });
}

/** Where a person's desktop and sound server are found. */
const SESSION = [
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'PULSE_SERVER',
];

/**
 * What QEMU sees of the environment: nothing that could change its work or carry a secret. A user's QEMU is part of the
 * user's session; root's has a home of its own, and what it needs of a session is in the domain.
 * @param home QEMU's own directory
 */
export function cleanEnvironment(
  env: NodeJS.ProcessEnv,
  { home, isRoot }: { readonly home: string; readonly isRoot: boolean },
): Record<string, string> {
  const always = { PATH: SEARCH_PATH, LC_ALL: 'C' };
  if (isRoot)
    return {
      ...always,
      HOME: home,
      XDG_DATA_HOME: `${home}/.local/share`,
      XDG_CACHE_HOME: `${home}/.cache`,
      XDG_CONFIG_HOME: `${home}/.config`,
    };
  const kept = SESSION.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...always, ...Object.fromEntries(kept) };
}
