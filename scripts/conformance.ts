/**
 * Runs the conformance cases in this process and prints what differs.
 *   npm run conformance -- [FILTER] [--only argv|setting|reject|normalized|again|schema] [--show N] [--failed] [--record]
 * `--record` writes the list of passing cases, which may only grow.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Environments, kitIsHere, loadCases } from '../test/conformance/cases.ts';
import { checkCase, OUTCOME_KINDS, type Outcome } from '../test/conformance/check.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    show: { type: 'string', default: '5' },
    failed: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

if (!kitIsHere) {
  console.log('The conformance kit is not here: nothing to run.');
  process.exit(0);
}
const environments = new Environments();
const outcomes = loadCases(new RegExp(positionals[0] ?? ''))
  .flatMap((c) => checkCase(c, environments))
  .filter((o) => options.only === undefined || o.kind === options.only);
report(outcomes);
if (options.record) record(outcomes);

function report(all: readonly Outcome[]): void {
  const failed = all.filter((o) => !o.ok);
  if (options.failed) for (const o of failed) console.log(`${o.kind} ${o.id}`);
  for (const o of failed.slice(0, Number(options.show))) {
    console.log(`--- ${o.kind} ${o.id}${o.crash ? ' CRASH' : ''}`);
    for (const line of o.details.slice(0, 30)) console.log(`  ${line.slice(0, 900)}`);
  }
  for (const kind of OUTCOME_KINDS) {
    const some = all.filter((o) => o.kind === kind);
    const culprits =
      kind === 'reject' ? `, ${some.filter((o) => o.ok && o.namesCulprit).length} name the culprit` : '';
    console.log(`${kind.padEnd(11)} ${some.filter((o) => o.ok).length} of ${some.length}${culprits}`);
  }
  console.log(`crashes     ${all.filter((o) => o.crash).length}`);
}

function record(all: readonly Outcome[]): void {
  if (process.env.CI) throw new Error('the list of passing cases is not rewritten in CI');
  const file = fileURLToPath(new URL('../fixtures/conformance-passing.txt', import.meta.url));
  const before = new Set(readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean));
  const now = all.filter((o) => o.ok).map((o) => `${o.kind} ${o.id}`);
  const list = [...new Set([...before, ...now])].sort();
  writeFileSync(file, `${list.join('\n')}\n`);
  console.log(`${list.length - before.size} cases added to the list of passing ones, ${list.length} in all`);
}
