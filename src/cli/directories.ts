import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { fail } from '../errors/index.ts';
import { currentUser } from '../host/current-user.ts';
import { type Directories, findDirectories } from '../machine/directories.ts';
import type { CliContext } from './context.ts';
import { cliErrors } from './errors.ts';

/** The directories that this command works in. */
export function directoriesOf({ root }: Pick<CliContext, 'root'>): Directories {
  const { uid, home } = currentUser();
  return findDirectories({
    ...(root !== undefined && { root: resolve(root) }),
    uid,
    home,
    env: process.env,
  });
}

/**
 * What may not be looked into must not pass for empty.
 * @throws QdomError `cli/unreadable-directory`.
 */
export function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES') throw fail(cliErrors['unreadable-directory'], { path }, { cause });
  }
}
