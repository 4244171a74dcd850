import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readFacts } from '../../src/host/facts.ts';
import type { CompileEnv, QemuCaps } from '../../src/plan/index.ts';
import { capsFromTranscript } from '../../src/qmp/capabilities/transcript.ts';

export const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));

const caps = new Map<string, QemuCaps>();

/** The recorded QEMU that a golden is compiled for. */
export function recordedCaps(recording: string): QemuCaps {
  let known = caps.get(recording);
  if (known === undefined) {
    const compressed = readFileSync(path.join(FIXTURES, 'recordings', `${recording}.replies.gz`));
    known = capsFromTranscript(gunzipSync(compressed).toString('utf8'));
    caps.set(recording, known);
  }
  return known;
}

/** What the first comment of a golden's input can choose: `<!-- qemu: qemu-7.2-x86_64; profile: libvirt -->`. */
export interface Directives {
  readonly qemu?: string;
  readonly profile?: string;
  readonly incoming?: string;
  readonly 'abi-update'?: string;
}

export function directivesOf(xml: string): Directives {
  const [, comment = ''] = /^\s*<!--([\s\S]*?)-->/.exec(xml) ?? [];
  return Object.fromEntries(
    [...comment.matchAll(/([a-z-]+): ([^;]+?)\s*(?:;|$)/g)].map(([, key, value]) => [key, value]),
  );
}

/** The environment of a golden: a recorded QEMU and the project's own facts of a host that does not exist. */
export function goldenEnvironment(directives: Directives): CompileEnv {
  const recorded = readFacts(path.join(FIXTURES, 'facts.json'));
  return {
    caps: recordedCaps(directives.qemu ?? 'qemu-10.0-x86_64'),
    binary: recorded.binary,
    facts: recorded.facts,
    config: recorded.config,
    profile:
      directives.profile === 'libvirt' ? { kind: 'libvirt' } : { kind: 'qdom', runDir: '/run/qdom/guest' },
    uuid: '8c56ddcc-6f1e-4f3b-9d28-65f0a8d4b101',
    ...(directives.incoming !== undefined && { incoming: directives.incoming }),
    ...(directives['abi-update'] === 'yes' && { abiUpdate: true }),
  };
}
