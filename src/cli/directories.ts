import { resolve } from 'node:path';
import { currentUser } from '../host/current-user.ts';
import { type Directories, findDirectories } from '../machine/directories.ts';
import type { CliContext } from './context.ts';

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
