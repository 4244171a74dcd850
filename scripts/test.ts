/**
 * Runs everything that can fail, prints what was skipped and why, and ends with `N passed, N failed, N skipped`.
 *   npm test [-- VITEST FILTER…]
 */
import { execa } from 'execa';
import tmp from 'tmp';
import { type Count, countReport, readReport, summarize } from './counts.ts';
import { countLab } from './lab-count.ts';

const filters = process.argv.slice(2);
const counts: Count[] = [];
if (filters.length === 0) {
  counts.push(await step('format and lint', 'biome', ['check', '.']));
  counts.push(await step('types', 'tsc', ['-p', '.']));
  counts.push(await step('types without Node', 'tsc', ['-p', 'tsconfig.pure.json']));
}
counts.push(await tests(filters));
if (filters.length === 0) {
  console.log('\n== the lab');
  counts.push(await countLab([]));
}
summarize(counts);

async function step(title: string, command: string, args: readonly string[]): Promise<Count> {
  console.log(`\n== ${title}`);
  const { exitCode } = await execa(command, args, { preferLocal: true, stdio: 'inherit', reject: false });
  return exitCode === 0
    ? { passed: 1, failed: [], skipped: [] }
    : { passed: 0, failed: [`${title}: see above`], skipped: [] };
}

async function tests(filter: readonly string[]): Promise<Count> {
  console.log('\n== tests');
  const output = tmp.fileSync({ postfix: '.jsonl', discardDescriptor: true });
  const args = ['run', ...filter, '--reporter=default', '--reporter=./test/reporter.ts'];
  const env = { QDOM_TEST_REPORT: output.name };
  const { exitCode } = await execa('vitest', args, {
    preferLocal: true,
    stdio: 'inherit',
    reject: false,
    env,
  });
  try {
    const count = countReport(readReport(output.name));
    const isUntold = exitCode !== 0 && count.failed.length === 0;
    return isUntold ? { ...count, failed: [`vitest ended with status ${exitCode}: see above`] } : count;
  } finally {
    output.removeCallback();
  }
}
