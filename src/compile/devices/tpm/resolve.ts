import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { tpmErrors } from './errors.ts';
import type { BackendOf, Tpm, TpmXml } from './schema.ts';

const HOST_TPM = '/dev/tpm0';

/** `tpm-tis` with the host's first TPM or, emulated, the version that fits the model and that swtpm has. */
export function resolveTpm(xml: TpmXml, cx: ResolveContext): Tpm {
  const model = xml.model ?? 'tpm-tis';
  const { backend } = xml;
  switch (backend.type) {
    case 'passthrough':
      return { ...xml, model, backend: { ...backend, device: backend.device ?? HOST_TPM } };
    case 'emulator':
      return { ...xml, model, backend: emulator(backend, model, cx) };
    case 'external': {
      const { source } = backend;
      const mode = source?.mode ?? 'connect';
      return { ...xml, model, backend: { ...backend, ...(source && { source: { ...source, mode } }) } };
    }
  }
}

function emulator(
  { debug, profile, source, persistent_state, active_pcr_banks: banks, ...backend }: BackendOf<'emulator'>,
  model: Tpm['model'],
  cx: ResolveContext,
): BackendOf<'emulator'> {
  const versions = cx.env.facts.tpm?.swtpmVersions ?? ['2.0'];
  if (source !== undefined && source.type === undefined)
    cx.report.add(tpmErrors['source-without-type'], undefined, whereIs(source));
  const oldest = model === 'tpm-tis' && versions.includes('1.2') ? '1.2' : '2.0';
  return {
    ...backend,
    version: backend.version ?? oldest,
    ...(persistent_state && { persistent_state }),
    ...(banks && Object.values(banks).includes(true) && { active_pcr_banks: banks }),
    ...(debug && { debug }),
    ...(source?.type !== undefined && { source }),
    ...(profile !== undefined && { profile }),
  };
}
