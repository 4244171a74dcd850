import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import { tpmErrors } from './errors.ts';
import type { BackendOf, Tpm } from './schema.ts';

export function validateTpm(tpm: Placed<Tpm>, cx: ValidateContext): void {
  const { model, backend } = tpm;
  const { tpm: caps } = cx.env.caps;
  const where = whereIs(tpm, '@model');
  if (model === 'tpm-spapr' || model === 'spapr-tpm-proxy')
    cx.report.add(tpmErrors['unsupported-model'], { model }, where);
  else if (!caps.models.includes(model)) cx.report.add(tpmErrors['model-unavailable'], { model }, where);
  const type = backend.type === 'external' ? 'emulator' : backend.type;
  if (!caps.types.includes(type))
    cx.report.add(tpmErrors['backend-unavailable'], { type }, whereIs(backend, '@type'));
  if (cx.domain.devices.tpm[0]?.id !== tpm.id) cx.report.add(tpmErrors.several, undefined, whereIs(tpm));
  if (backend.type === 'emulator') validateEmulator(tpm, backend, cx);
  if (backend.type === 'external') validateExternal(backend, cx);
}

function validateEmulator({ model }: Tpm, backend: BackendOf<'emulator'>, cx: ValidateContext): void {
  const { version = '2.0', source } = backend;
  if (model === 'tpm-crb' && version !== '2.0')
    cx.report.add(tpmErrors['crb-needs-2'], { version }, whereIs(backend, '@version'));
  for (const what of ['active_pcr_banks', 'profile'] as const)
    if (backend[what] !== undefined && version !== '2.0')
      cx.report.add(tpmErrors['needs-2'], { what, version }, whereIs(backend, what));
  if (source !== undefined && !source.path)
    cx.report.add(tpmErrors['source-path'], { type: backend.type }, whereIs(source));
}

function validateExternal({ type, source, ...backend }: BackendOf<'external'>, cx: ValidateContext): void {
  if (source?.type === undefined)
    cx.report.add(tpmErrors['external-source'], undefined, whereIs(backend, 'source'));
  else if (!source.path) cx.report.add(tpmErrors['source-path'], { type }, whereIs(source));
  if (source?.mode !== undefined && source.mode !== 'connect')
    cx.report.add(tpmErrors['external-mode'], { mode: source.mode }, whereIs(source, '@mode'));
}
