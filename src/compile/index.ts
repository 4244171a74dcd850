import type { Diagnostic } from '../errors/index.ts';
import type { CompileEnv, Plan } from '../plan/index.ts';
import { whereIs } from '../xml/index.ts';
import { withLiveImages } from './devices/disk/live.ts';
import { type DomainDocument, readDomain } from './document.ts';
import { complete, lower } from './pipeline.ts';
import { asLibvirtPrints, printDomain } from './print-domain.ts';
import { placed } from './shared/placement.ts';

export type { CompileEnv, Plan } from '../plan/index.ts';
export { type DomainDocument, readDomain } from './document.ts';

/**
 * Compiles domain XML for one QEMU and one host. Pure: the same input gives the same plan, byte for byte.
 * @param file the input's name for messages, where the input is text
 * @throws QdomError with every error of the first phase that found one
 */
export function compile(input: string | DomainDocument, env: CompileEnv, file?: string): Plan {
  const { domain, report } = complete(asDocument(input, file), env);
  const { emission, live } = lower(domain, env, report);
  const { options, host, threads, afterStart, consoles, environment } = emission;
  const ready = placed(domain, env.facts);
  return {
    format: 1,
    name: domain.name,
    uuid: domain.uuid,
    binary: domain.devices.emulator,
    accel: domain.type === 'kvm' ? 'kvm' : 'tcg',
    options,
    host,
    threads,
    afterStart,
    lifecycle: {
      ...{ onPoweroff: domain.on_poweroff, onReboot: domain.on_reboot, onCrash: domain.on_crash },
      onCrashFrom: whereIs(domain, 'on_crash'),
    },
    consoles,
    environment,
    // Printed when they are asked for: a command line alone does not need them.
    get domainXml() {
      return printDomain(domain);
    },
    get liveXml() {
      const shown = withLiveImages(ready ?? domain, live, { env, report });
      return shown === domain ? undefined : printDomain(shown);
    },
    ...(ready && {
      placement: {
        nodes: env.facts.numa.advisedNodeset ?? '',
        by: env.facts.numa.advisedBy ?? 'the recorded facts',
      },
    }),
    warnings: report.warnings,
  };
}

/** The definition with every default, controller and address filled in, as libvirt prints it. Throws as `compile` does. */
export function normalize(
  input: string | DomainDocument,
  env: CompileEnv,
  file?: string,
): { xml: string; warnings: readonly Diagnostic[] } {
  const { domain, report } = complete(asDocument(input, file), env);
  return { xml: printDomain(asLibvirtPrints(domain)), warnings: report.warnings };
}

function asDocument(input: string | DomainDocument, file: string | undefined): DomainDocument {
  return typeof input === 'string' ? readDomain(input, file) : input;
}
