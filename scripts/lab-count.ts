import { runLab } from '../test/lab/machine/run.ts';
import { type Count, countReport } from './counts.ts';

/** Runs the tests in the lab and counts them; a lab that cannot be had is one test skipped. */
export async function countLab(filters: readonly string[]): Promise<Count> {
  const result = await runLab('tests', filters);
  if ('none' in result) return { passed: 0, failed: 0, skipped: [`the lab (${result.none})`] };
  if ('broken' in result) {
    console.error(result.broken);
    return { passed: 0, failed: 1, skipped: [] };
  }
  const count = countReport(result.report);
  result.end();
  return { ...count, skipped: count.skipped.map((name) => `in the lab: ${name}`) };
}
