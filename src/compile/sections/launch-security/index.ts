import { defineErrors, Secret } from '../../../errors/index.ts';
import {
  type CompileEnv,
  type HostRequirement,
  hasType,
  jsonOption,
  type QemuCaps,
} from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { child } from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits, type ValidateContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { machineOf } from '../../shared/machine.ts';
import { machineDirectory } from '../../shared/machine-paths.ts';
import { type LaunchSecurity, launchSecuritySchema } from './schema.ts';

export const launchSecurityErrors = defineErrors('launch-security', () => ({
  'other-architecture': {
    class: 'unsupported',
    message: (p: { type: string; machine: string }) =>
      `launch security type '${p.type}' is for S/390 machines, not for '${p.machine}'`,
  },
  'qemu-lacks-type': {
    class: 'unavailable',
    message: (p: { type: string }) =>
      `launch security type '${p.type}' is not supported by this QEMU or this host`,
  },
  'wrong-length': {
    class: 'invalid',
    message: (p: { name: string; length: number; expected: number }) =>
      `<${p.name}> is not of '${p.expected}' bytes in base64, but of '${p.length}': '${p.name}' has a fixed length`,
  },
  'missing-bits': {
    class: 'invalid',
    message: (p: { name: string }) => `launch security needs <${p.name}>: this QEMU does not tell the host's`,
  },
}));

/** The object that holds the guest's memory encryption; `-machine confidential-guest-support` names it. */
const OBJECT_ID = 'lsec0';

const QOM_TYPE = { sev: 'sev-guest', 'sev-snp': 'sev-snp-guest', tdx: 'tdx-guest' } as const;

export const launchSecurity: SectionModule<LaunchSecurity | undefined> = {
  field: child(launchSecuritySchema, { keepEmpty: true }),
  validate: validateLaunchSecurity,
};

type Sev = Extract<LaunchSecurity, { type: 'sev' | 'sev-snp' }>;

/**
 * Where the C-bit is and how many address bits it costs. Both are the host's: what is not written is asked of QEMU at
 * each start, and not kept.
 */
function platformBits(security: Sev, { caps }: CompileEnv) {
  return {
    cbitpos: security.cbitpos ?? sevNumber(caps, 'cbitpos'),
    reducedPhysBits: security.reducedPhysBits ?? sevNumber(caps, 'reduced-phys-bits'),
  };
}

function sevNumber(caps: QemuCaps, name: string): number | undefined {
  const value = caps.sev?.[name];
  return typeof value === 'number' ? value : undefined;
}

function validateLaunchSecurity(value: LaunchSecurity | undefined, cx: ValidateContext): void {
  if (value === undefined) return;
  const { type } = value;
  const where = whereIs(value, '@type');
  if (type === 's390-pv') {
    const machine = machineOf(cx.domain);
    cx.report.add(launchSecurityErrors['other-architecture'], { type, machine }, where);
    return;
  }
  if (type === 'sev-snp') checkLengths(value, cx);
  const { caps } = cx.env;
  if (!hasType(caps, QOM_TYPE[type]) || (type !== 'tdx' && caps.sev === undefined))
    cx.report.add(launchSecurityErrors['qemu-lacks-type'], { type }, where);
  else if (value.type === 'sev' || value.type === 'sev-snp')
    for (const [name, bits] of Object.entries(platformBits(value, cx.env)))
      if (bits === undefined) cx.report.add(launchSecurityErrors['missing-bits'], { name }, where);
}

/** How many bytes the parts of SNP's launch data have (SEV-SNP firmware ABI: SNP_LAUNCH_START and SNP_LAUNCH_FINISH). */
const SNP_LENGTHS = { guestVisibleWorkarounds: 16, idBlock: 96, idAuth: 4096, hostData: 32 } as const;

function checkLengths(value: Extract<Sev, { type: 'sev-snp' }>, cx: ValidateContext): void {
  for (const [name, expected] of Object.entries(SNP_LENGTHS) as [keyof typeof SNP_LENGTHS, number][]) {
    const blob = value[name];
    const length = blob === undefined ? expected : base64Length(blob);
    if (length !== expected)
      cx.report.add(launchSecurityErrors['wrong-length'], { name, length, expected }, whereIs(value, name));
  }
}

/** How many bytes a text in base64 stands for; what is no base64 stands for none. */
function base64Length(text: string): number {
  const digits = /^([A-Za-z0-9+/]*)={0,2}$/.exec(text.replace(/\s/g, ''))?.[1];
  return Math.floor(((digits ?? '').length * 3) / 4);
}

/** `-machine confidential-guest-support`. */
export function confidentialGuest({ domain }: EmitContext): Emission {
  const isOn = domain.launchSecurity !== undefined;
  return { options: [], machine: [['confidential-guest-support', isOn ? OBJECT_ID : undefined]] };
}

/** The object that launches the encrypted guest. */
export function launchSecurityObject({ domain, env }: EmitContext): Emission {
  const security = domain.launchSecurity;
  switch (security?.type) {
    case 'sev':
      return sevGuest(security, platformBits(security, env), machineDirectory(domain.name, env));
    case 'sev-snp':
      return emits(
        jsonOption('-object', {
          'qom-type': 'sev-snp-guest',
          id: OBJECT_ID,
          cbitpos: platformBits(security, env).cbitpos,
          'reduced-phys-bits': platformBits(security, env).reducedPhysBits,
          'kernel-hashes': security.kernelHashes,
          'author-key-enabled': security.authorKey,
          'vcek-disabled': security.vcek === undefined ? undefined : !security.vcek,
          policy: security.policy,
          'guest-visible-workarounds': security.guestVisibleWorkarounds,
          'id-block': security.idBlock,
          'id-auth': security.idAuth,
          'host-data': security.hostData,
        }),
      );
    case 'tdx':
      return emits(
        jsonOption('-object', {
          'qom-type': 'tdx-guest',
          id: OBJECT_ID,
          attributes: security.policy,
          mrconfigid: security.mrConfigId,
          mrowner: security.mrOwner,
          mrownerconfig: security.mrOwnerConfig,
        }),
      );
    default:
      return emits();
  }
}

/** A SEV guest; the owner's certificate and session reach QEMU as files. */
function sevGuest(
  security: Extract<Sev, { type: 'sev' }>,
  bits: ReturnType<typeof platformBits>,
  directory: string,
): Emission {
  const { dhCert, session } = security;
  const certificateFile = `${directory}/dh_cert.base64`;
  const sessionFile = `${directory}/session.base64`;
  const file = (path: string, value: string | undefined): HostRequirement[] =>
    value === undefined
      ? []
      : [{ type: 'secret-file', device: OBJECT_ID, path, secret: { value: new Secret(value) } }];
  const object = jsonOption('-object', {
    'qom-type': 'sev-guest',
    id: OBJECT_ID,
    cbitpos: bits.cbitpos,
    'reduced-phys-bits': bits.reducedPhysBits,
    policy: security.policy,
    'dh-cert-file': dhCert && certificateFile,
    'session-file': session && sessionFile,
    'kernel-hashes': security.kernelHashes,
  });
  return { options: [object], host: [...file(certificateFile, dhCert), ...file(sessionFile, session)] };
}
