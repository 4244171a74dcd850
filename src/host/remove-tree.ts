import { closeSync, constants, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * Removes a file, or a directory with all that is in it; nothing where nothing is. Never through a symbolic link, not even one
 * that whoever may write in there puts in a directory's place meanwhile: directories are reached by their descriptors only. Names
 * are bytes, as they need not be UTF-8.
 * @throws NodeJS.ErrnoException
 */
export function removeTree(path: string | Buffer): void {
  const directory = openDirectory(path);
  if (directory === undefined) {
    unlessGone(() => unlinkSync(path));
    return;
  }
  try {
    const inside = Buffer.from(`/proc/self/fd/${directory}/`);
    for (const name of readdirSync(inside, { encoding: 'buffer' })) removeTree(Buffer.concat([inside, name]));
  } finally {
    closeSync(directory);
  }
  unlessGone(() => rmdirSync(path));
}

/** Undefined where it is none: a link to one is a link (open(2): ELOOP, ENOTDIR). */
function openDirectory(path: string | Buffer): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

function unlessGone(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
