import { type CompileEnv, QEMU_HOME } from '../../plan/index.ts';

const MOST_CHARACTERS = 20;

/** A machine's name as libvirt has it in paths: its first 20 characters, because a socket's path must be short. */
export function shortName(name: string): string {
  return [...name.slice(0, 2 * MOST_CHARACTERS)].slice(0, MOST_CHARACTERS).join('');
}

/**
 * Where the sockets and files are that one machine makes: libvirt's `domain-ID-NAME` below its library directory,
 * or the machine's run directory in qdom's profile.
 */
export function machineDirectory(name: string, { config, profile }: CompileEnv): string {
  if (profile.kind === 'qdom') return profile.runDir;
  return `${config.libDir}/domain-${config.domainId}-${shortName(name)}`;
}

/** Where QEMU itself makes sockets: it cannot write to the rest of the run directory. */
export function directoryOfQemu(name: string, env: CompileEnv): string {
  const directory = machineDirectory(name, env);
  return env.profile.kind === 'qdom' ? `${directory}/${QEMU_HOME}` : directory;
}
