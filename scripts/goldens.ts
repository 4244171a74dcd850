/**
 * Rewrites the expectations of the goldens from what the compiler answers now; look at the diff before committing.
 *   npm run goldens [-- FILTER]
 */
import { rmSync, writeFileSync } from 'node:fs';
import { answerFor, ENDINGS, expectedFile, keptFor, listGoldens } from '../test/golden/cases.ts';

if (process.env.CI) {
  console.error('goldens are not rewritten in CI');
  process.exit(1);
}
const filter = new RegExp(process.argv[2] ?? '');
let changed = 0;
for (const golden of listGoldens().filter((g) => filter.test(`${g.kind}/${g.name}`))) {
  const answer = answerFor(golden);
  if (golden.mustFail !== 'err' in answer) {
    console.error(
      `${golden.kind}/${golden.name}: ${golden.mustFail ? 'is accepted' : `is refused: ${answer.err?.trim()}`}`,
    );
    process.exitCode = 1;
    continue;
  }
  const kept = keptFor(golden);
  for (const ending of ENDINGS) {
    const file = expectedFile(golden, ending);
    const text = answer[ending];
    if (text === kept[ending]) continue;
    changed++;
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
  }
}
console.log(`${changed} files changed`);
