import {
  addFdOption,
  fdSetPath,
  type HostRequirement,
  jsonOption,
  keysOption,
  type QemuOption,
} from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { programDirectory } from '../../shared/file-owner.ts';
import { machineDirectory } from '../../shared/machine-paths.ts';
import { secretFile, secretRequirement } from '../../shared/secret.ts';
import type { BackendOf, Tpm } from './schema.ts';

const CHARDEV = 'chrtpm';

export function emitTpm(tpm: Placed<Tpm>, cx: EmitContext): Emission {
  const { id, model } = tpm;
  const { options, host } = backend(tpm, cx);
  const device = jsonOption('-device', {
    driver: model,
    tpmdev: tpmdevId(id),
    id,
    ...addressProps(tpm, cx.domain),
  });
  return { options: [...options, device], host };
}

function tpmdevId(device: string): string {
  return `tpm-${device}`;
}

interface Backend {
  readonly options: readonly QemuOption[];
  readonly host: readonly HostRequirement[];
}

function backend(tpm: Placed<Tpm>, cx: EmitContext): Backend {
  switch (tpm.backend.type) {
    case 'passthrough':
      return passthrough(tpm.id, tpm.backend, cx);
    case 'emulator':
      return emulator(tpm.id, tpm.backend, cx);
    case 'external':
      return { options: socket(tpm.id, tpm.backend.source?.path ?? ''), host: [] };
  }
}

/** The host's TPM and the file by which a command is taken back, both opened by who starts QEMU. */
function passthrough(id: string, { device = '' }: BackendOf<'passthrough'>, { env }: EmitContext): Backend {
  const [tpm, cancel] = [`${id}-tpm`, `${id}-cancel`];
  const cancelPath =
    env.facts.tpm?.passthroughCancel ??
    `/sys/class/tpm/${device.slice(device.lastIndexOf('/') + 1)}/device/cancel`;
  return {
    options: [
      addFdOption(tpm),
      addFdOption(cancel),
      keysOption('-tpmdev', [
        [null, 'passthrough'],
        ['id', tpmdevId(id)],
        ['path', fdSetPath(tpm)],
        ['cancel-path', fdSetPath(cancel)],
      ]),
    ],
    host: [
      { type: 'device-fd', fd: tpm, path: device },
      { type: 'device-fd', fd: cancel, path: cancelPath },
    ],
  };
}

function socket(id: string, path: string): QemuOption[] {
  return [
    keysOption('-chardev', [
      [null, 'socket'],
      ['id', CHARDEV],
      ['path', path],
    ]),
    keysOption('-tpmdev', [
      [null, 'emulator'],
      ['id', tpmdevId(id)],
      ['chardev', CHARDEV],
    ]),
  ];
}

/** swtpm runs beside QEMU. Its state is the domain's, and stays. */
function emulator(id: string, backend: BackendOf<'emulator'>, cx: EmitContext): Backend {
  const { domain, env } = cx;
  const path = env.facts.tpm?.emulatorSocket ?? `${machineDirectory(domain.name, env)}/${id}.sock`;
  const { version = '2.0', source, active_pcr_banks: banks, profile, debug, encryption } = backend;
  const ownState = `${env.config.libDir}/swtpm/${domain.uuid}/tpm${version === '2.0' ? 2 : 1}`;
  return {
    options: socket(id, path),
    host: [
      ...(encryption === undefined ? [] : secretRequirement(id, id, { type: 'vtpm', uuid: encryption }, cx)),
      {
        type: 'swtpm',
        device: id,
        socket: path,
        version,
        state: { kind: source?.type ?? 'dir', path: source?.path ?? ownState },
        ...(programDirectory(source?.path ?? ownState, env.config) && { within: env.config.libDir }),
        pcrBanks: (['sha1', 'sha256', 'sha384', 'sha512'] as const).filter((bank) => banks?.[bank]),
        ...(profile?.source !== undefined && {
          profile: {
            source: profile.source,
            ...(profile.removeDisabled && { removeDisabled: profile.removeDisabled }),
          },
        }),
        ...(debug !== undefined && { debugLevel: debug }),
        ...(encryption !== undefined && {
          passphraseFile: secretFile(machineDirectory(domain.name, env), id),
        }),
      },
    ],
  };
}
