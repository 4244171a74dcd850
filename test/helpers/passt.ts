import { execaSync } from 'execa';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';

/** Why passt cannot be used here; undefined where it can. It isolates itself, which the kernel refuses in a chroot. */
export function whyNoPasst(): string | undefined {
  if (findProgram(realHost(), 'passt') === undefined) return 'there is no passt';
  const { exitCode } = execaSync('unshare', ['--user', 'true'], { reject: false });
  return exitCode === 0 ? undefined : 'passt needs a user namespace, which cannot be had here';
}
