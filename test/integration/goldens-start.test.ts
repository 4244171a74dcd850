import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.ts';
import { QdomError } from '../../src/errors/index.ts';
import { type Plan, printArgv, type QemuCaps } from '../../src/plan/index.ts';
import { probeCaps, QmpClient } from '../../src/qmp/index.ts';
import { type Golden, listGoldens } from '../golden/cases.ts';
import { directivesOf, goldenEnvironment } from '../golden/environment.ts';
import { hasQemu, noQemu, QEMU } from '../helpers/machines.ts';
import { refusalOf, refusalOfKvm, unexpected } from '../helpers/stubs/complaints.ts';
import { NEEDS_KVM, obstacleOf } from '../helpers/stubs/obstacles.ts';
import { type Stubbed, stubPlan } from '../helpers/stubs/options.ts';
import { StubResources } from '../helpers/stubs/resources.ts';

const START_TIMEOUT_MS = 30_000;

let caps: QemuCaps;
const skipped = new Map<string, number>();
let started = 0;

/** Whether a guest can run under KVM here. */
function kvmOpens(): boolean {
  try {
    closeSync(openSync('/dev/kvm', 'r+'));
    return true;
  } catch {
    return false;
  }
}

/**
 * The plan of a golden for the QEMU that is here, or what stands in the way of it. It is emulated, but for a golden of KVM
 * that cannot be.
 */
function startable(golden: Golden): Plan | string {
  const emulated = planFor(golden, 'qemu');
  const obstacle = typeof emulated === 'string' ? undefined : obstacleOf(emulated);
  const isOfKvm = emulated === KVM_MISSING || obstacle === NEEDS_KVM;
  if (!isOfKvm || !kvmOpens()) return obstacle === undefined ? emulated : `needs ${obstacle}`;
  const plan = planFor(golden, 'kvm');
  const further = typeof plan === 'string' ? undefined : obstacleOf(plan, { isKvm: true });
  return further === undefined ? plan : `needs ${further}`;
}

const KVM_MISSING = `needs ${NEEDS_KVM}`;

function planFor(golden: Golden, type: 'qemu' | 'kvm'): Plan | string {
  const xml = readFileSync(golden.input, 'utf8');
  const environment = goldenEnvironment(directivesOf(xml));
  try {
    return compile(
      xml.replace(/(<domain[^>]*\stype=')(?:kvm|qemu)'/, `$1${type}'`),
      { ...environment, caps, binary: QEMU, profile: { kind: 'qdom', runDir: '/run/qdom/guest' } },
      path.basename(golden.input),
    );
  } catch (error) {
    const { class: kind, message = '' } = (error instanceof QdomError && error.primary) || {};
    if (/needs? a domain of type 'kvm'/.test(message)) return KVM_MISSING;
    if (kind === 'unavailable') return message;
    throw error;
  }
}

/** Starts QEMU, waits for its monitor, quits it, and gives what it wrote on standard error. */
async function complaints(stubbed: Stubbed): Promise<string> {
  const names = [...stubbed.fds.keys()];
  const argv = printArgv(stubbed.options, ({ fd }) => String(3 + names.indexOf(fd)));
  const child = spawn(QEMU, argv, { stdio: ['ignore', 'ignore', 'pipe', ...stubbed.fds.values()] });
  const closed = once(child, 'close');
  // We too hold the listening socket: a QEMU that is gone would never be missed there.
  const gone = new AbortController();
  child.once('exit', () => gone.abort());
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  try {
    const client = await QmpClient.connect(stubbed.monitor, {
      timeoutMs: START_TIMEOUT_MS,
      signal: gone.signal,
    });
    await client.execute('quit');
    await closed;
    return stderr;
  } catch (error) {
    await kill(child, closed);
    return stderr || String(error);
  }
}

async function kill(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await closed;
}

const goldens = listGoldens().filter((golden) => !golden.mustFail);

describe.skipIf(!hasQemu).concurrent(`the installed QEMU${hasQemu ? '' : ` (${noQemu})`}`, () => {
  beforeAll(async () => {
    caps = await probeCaps(QEMU);
  });
  afterAll(() => {
    const reasons = [...skipped].map(([reason, times]) => `${times} ${reason}`).join(', ');
    console.log(`${started} of ${goldens.length} goldens started without a complaint; not: ${reasons}`);
  });

  for (const golden of goldens)
    it(`accepts ${golden.kind}/${golden.name}`, { timeout: 4 * START_TIMEOUT_MS }, async (context) => {
      const skip = (reason: string): never => {
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        return context.skip(reason);
      };
      const plan = startable(golden);
      if (typeof plan === 'string') return skip(plan);
      const resources = new StubResources();
      try {
        const lines = unexpected(await complaints(await stubPlan(plan, resources)));
        const ofKvm = refusalOfKvm(lines);
        if (ofKvm !== undefined) return skip(`the KVM that is here refuses ${ofKvm}`);
        const refusal = refusalOf(lines, plan);
        if (refusal !== undefined) return skip(`QEMU refuses ${refusal}`);
        expect(lines).toEqual([]);
        started += 1;
      } finally {
        await resources.end();
      }
    });
});
