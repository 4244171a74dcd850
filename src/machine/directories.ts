import { join, resolve } from 'node:path';

/** Where qdom keeps what. */
export interface Directories {
  /** Definitions and the configuration file: kept over a reboot. */
  readonly config: string;
  /** Running machines, locks, owners: may go away with a reboot, as the machines do. */
  readonly run: string;
  /** What machines keep: variable stores, TPM states. */
  readonly state: string;
  /** What ended machines leave to be read. */
  readonly log: string;
}

export interface DirectoryQuery {
  /** Everything under this directory (`--root`). */
  readonly root?: string;
  readonly uid: number;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As root `/etc/qdom`, `/run/qdom`, `/var/lib/qdom`, `/var/log/qdom`; otherwise the XDG base directories. */
export function findDirectories({ root, uid, home, env }: DirectoryQuery): Directories {
  if (root !== undefined)
    return {
      config: resolve(root, 'etc'),
      run: resolve(root, 'run'),
      state: resolve(root, 'lib'),
      log: resolve(root, 'log'),
    };
  if (uid === 0)
    return { config: '/etc/qdom', run: '/run/qdom', state: '/var/lib/qdom', log: '/var/log/qdom' };
  const xdg = (variable: string, fallback: string) => absolute(env[variable]) ?? join(home, fallback);
  const state = join(xdg('XDG_STATE_HOME', '.local/state'), 'qdom');
  const runtime = absolute(env.XDG_RUNTIME_DIR);
  return {
    config: join(xdg('XDG_CONFIG_HOME', '.config'), 'qdom'),
    run: runtime === undefined ? join(state, 'run') : join(runtime, 'qdom'),
    state: join(xdg('XDG_DATA_HOME', '.local/share'), 'qdom'),
    log: join(state, 'log'),
  };
}

/** A relative XDG path is to be ignored (XDG Base Directory Specification). */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}
