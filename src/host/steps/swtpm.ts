import { dirname, join } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { SwtpmRequirement } from '../../plan/index.ts';
import { type Credentials, checkTheWay, credentialWords, giveToQemu, openTheWay } from '../credentials.ts';
import {
  checkDirectory,
  makeDirectories,
  missingDirectories,
  removeDirectories,
  unlessCode,
} from '../directories.ts';
import { hostErrors } from '../errors.ts';
import { fileClaim } from '../file-claim.ts';
import { checkHelper, endHelper, FIRST_FD, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import { command } from '../ip.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

export interface SwtpmRecord extends HelperRecord {
  readonly state: string;
  readonly stateKind: 'dir' | 'file';
  /** There was no TPM before: it goes with a start that fails. */
  readonly madeState: boolean;
  readonly stateDirectories: readonly string[];
}

/** An emulated TPM: manufactured once, kept after the machine's end, and served by a swtpm while it runs. */
export const swtpmStep: HostStep<SwtpmRequirement, SwtpmRecord> = {
  type: 'swtpm',

  describe: ({ device, version, state, socket }) => ({
    act: `start swtpm ${version} for '${device}' on '${socket}', its state in '${state.path}' made if there is none`,
    undo: 'it is ended; its state stays, unless it was made by a start that failed',
  }),

  owns: ({ state }, host) => [fileClaim(state.path, host)],

  async check({ device, socket, state, profile, within }, host, _all, _owners, qemu) {
    requireProgram(host, 'swtpm', device);
    const setup = requireProgram(host, 'swtpm_setup', device);
    if (profile !== undefined && !(await host.run(setup, ['--help'])).stdout.includes('--profile-name'))
      throw fail(hostErrors['swtpm-without-profiles'], { device, profile: profile.source });
    checkDirectory(state.kind === 'dir' ? state.path : dirname(state.path), host);
    checkTheWay(state.path, qemu, host, within);
    checkHelper(socket, host);
  },

  async intend({ device, socket, state }, host) {
    return {
      ...intendHelper({ device, program: requireProgram(host, 'swtpm', device), socket }, host),
      state: state.path,
      stateKind: state.kind,
      madeState: !hasState(state, host),
      stateDirectories: missingDirectories(state.kind === 'dir' ? state.path : dirname(state.path), host),
    };
  },

  async apply(requirement, intent, host, { qemu }) {
    const { socket, passphraseFile } = requirement;
    makeDirectories(intent.stateDirectories, host);
    if (intent.madeState) {
      takeStateBack(requirement, host);
      await manufacture(requirement, host);
    }
    if (qemu !== undefined) giveState(requirement, intent, qemu, host);
    await reconfigure(requirement, intent.madeState, qemu, host);
    if (passphraseFile !== undefined) giveToQemu(passphraseFile, qemu, host);
    const args = (channel: string) => argsOf(requirement, channel);
    if (qemu === undefined) {
      await startHelper(host, intent, { args: args(`path=${socket},mode=0600`) });
      return intent;
    }
    // It cannot make its socket among the machine's files, by which root finds and ends it.
    makeDirectories(intent.directories, host);
    unlessCode('ENOENT', () => host.removeFile(socket));
    const listener = host.listenUnix(socket);
    try {
      giveToQemu(socket, qemu, host);
      await startHelper(host, intent, { args: args(`fd=${FIRST_FD}`), fds: [listener], runsAs: qemu });
    } finally {
      host.closeDescriptor(listener);
    }
    return intent;
  },

  async undo(record, host, reason) {
    await endHelper(host, record);
    const { state, stateKind, madeState, stateDirectories } = record;
    if (!madeState || reason === 'ended') return;
    for (const file of stateFiles({ kind: stateKind, path: state }, host))
      unlessCode('ENOENT', () => host.removeFile(file));
    removeDirectories(stateDirectories, host);
  },
};

function hasState(state: SwtpmRequirement['state'], host: HostSystem): boolean {
  return stateFiles(state, host).length > 0;
}

/** swtpm(8): a directory holds `tpm2-00.permall`, its volatile state and a lock. */
function stateFiles({ kind, path }: SwtpmRequirement['state'], host: HostSystem): readonly string[] {
  if (kind === 'file') return host.status(path) === undefined ? [] : [path];
  return host
    .listDirectory(path)
    .filter((name) => /^(?:tpm|\.lock$)/.test(name))
    .map((name) => join(path, name));
}

/** What swtpm writes before it is the state. */
const UNFINISHED = /^TMP/;

/**
 * Root makes the TPM: nobody else may write there meanwhile. A directory that QEMU's user has had, without a TPM by now, could
 * hold a link that leads root elsewhere.
 */
function takeStateBack({ state }: SwtpmRequirement, host: HostSystem): void {
  const self = host.status('/proc/self');
  if (state.kind !== 'dir' || self === undefined || host.status(state.path)?.uid === self.uid) return;
  host.changeOwner(state.path, self.uid, self.gid);
  for (const name of host.listDirectory(state.path))
    if (UNFINISHED.test(name)) host.removeTree(join(state.path, name));
}

/** The state belongs to whom swtpm runs as, which is whom QEMU runs as, and stays so: it is the domain's own. */
function giveState(
  { state, within }: SwtpmRequirement,
  { stateDirectories }: SwtpmRecord,
  qemu: Credentials,
  host: HostSystem,
): void {
  for (const outermost of [within, stateDirectories[0]]) openTheWay(state.path, outermost, host);
  if (state.kind === 'dir') giveToQemu(state.path, qemu, host);
  for (const file of stateFiles(state, host)) giveToQemu(file, qemu, host);
}

function setupWords({ version, state, pcrBanks, passphraseFile }: SwtpmRequirement): readonly string[] {
  return [
    ...['--tpm-state', backend(state)],
    ...(version === '2.0' ? ['--tpm2'] : []),
    ...(passphraseFile === undefined ? [] : ['--pwdfile', passphraseFile, '--cipher', CIPHER]),
    ...(pcrBanks.length === 0 ? [] : ['--pcr-banks', pcrBanks.join(',')]),
  ];
}

/** The first TPM of a host waits for the keys of a certificate authority too, which take a slow or busy host long. */
const MANUFACTURE_TIMEOUT_MS = 180_000;

/** swtpm_setup(8): keys and certificates of a new TPM; as root, whose the certificate authority's files are. */
async function manufacture(requirement: SwtpmRequirement, host: HostSystem): Promise<void> {
  const { device, profile } = requirement;
  const words = [
    ...setupWords(requirement),
    ...['--createek', '--create-ek-cert', '--create-platform-cert', '--lock-nvram', '--not-overwrite'],
    ...(profile === undefined ? [] : ['--profile-name', profile.source]),
    ...(profile?.removeDisabled === undefined ? [] : ['--profile-remove-disabled', profile.removeDisabled]),
  ];
  const timeoutMs = MANUFACTURE_TIMEOUT_MS;
  await command(host, requireProgram(host, 'swtpm_setup', device), words, { timeoutMs });
}

/** The banks that are to be active, of a TPM that is there already: a guest has written its state, so root does not read it. */
async function reconfigure(
  requirement: SwtpmRequirement,
  isNew: boolean,
  who: Credentials | undefined,
  host: HostSystem,
): Promise<void> {
  if (isNew || requirement.pcrBanks.length === 0) return;
  const setup = requireProgram(host, 'swtpm_setup', requirement.device);
  const [program = setup, ...words] = [...credentialWords(who, host), setup];
  await command(host, program, [...words, ...setupWords(requirement), '--reconfigure']);
}

function backend({ kind, path }: SwtpmRequirement['state']): string {
  return kind === 'dir' ? path : `backend-uri=file://${path}`;
}

/** What the state is encrypted with; swtpm and its set-up must be told the same. */
const CIPHER = 'aes-256-cbc';

function argsOf({ version, state, debugLevel, passphraseFile }: SwtpmRequirement, channel: string): string[] {
  const place = state.kind === 'dir' ? `dir=${state.path}` : backend(state);
  return [
    'socket',
    ...['--ctrl', `type=unixio,${channel}`],
    ...['--tpmstate', `${place},mode=0600`],
    ...(version === '2.0' ? ['--tpm2'] : []),
    ...(passphraseFile === undefined ? [] : ['--key', `pwdfile=${passphraseFile},mode=${CIPHER}`]),
    '--terminate',
    ...(debugLevel === undefined ? [] : ['--log', `fd=2,level=${debugLevel}`]),
  ];
}
