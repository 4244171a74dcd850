import { homedir, userInfo } from 'node:os';

/** As whom this process runs. */
export interface CurrentUser {
  readonly uid: number;
  /** Its name in passwd(5); the number where it has none, as the user of a container may. */
  readonly name: string;
  readonly home: string;
}

/** Never throws: a user without an entry in passwd(5) has HOME, or `/`. */
export function currentUser(): CurrentUser {
  const uid = process.getuid?.() ?? 0;
  return {
    uid,
    // It is looked up in passwd(5), for whoever asks.
    get name() {
      return known(() => userInfo().username) ?? String(uid);
    },
    home: known(homedir) ?? '/',
  };
}

/** Node throws where passwd(5) has no entry. */
function known(ask: () => string): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
