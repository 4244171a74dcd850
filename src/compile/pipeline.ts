import type { CompileEnv } from '../plan/index.ts';
import type { Emission } from './context.ts';
import { detectImages } from './devices/disk/detected.ts';
import type { DomainDocument } from './document.ts';
import type { Domain } from './domain.ts';
import { resolve } from './phases/2-resolve/index.ts';
import { place, placeForStart } from './phases/3-place/index.ts';
import { validate } from './phases/4-validate/index.ts';
import { emit } from './phases/5-emit/index.ts';
import { Report } from './report.ts';

/** A domain as it was read to a complete one: every default, controller and address in it, and checked. */
export function complete(document: DomainDocument, env: CompileEnv): { domain: Domain; report: Report } {
  const report = new Report();
  report.addAll(document.report.diagnostics);
  const cx = { env, report };
  const resolved = resolve(document.parsed, cx);
  report.end();
  const domain = place(resolved, cx);
  report.end();
  validate(domain, cx);
  report.end();
  return { domain, report };
}

/** The complete domain to what QEMU and the host must be told, and the domain as it then runs. */
export function lower(
  domain: Domain,
  env: CompileEnv,
  report: Report,
): { readonly emission: Required<Emission>; readonly live: Domain } {
  const cx = { env, report };
  report.start();
  report.end();
  const ready = placeForStart(domain, cx);
  report.end();
  const detected = detectImages(ready, cx);
  const emission = emit(detected.domain, cx);
  report.end();
  return { emission: { ...emission, host: [...detected.host, ...emission.host] }, live: detected.domain };
}
