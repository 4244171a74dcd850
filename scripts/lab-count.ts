import { labTests, scriptOf } from '../test/lab/machine/bundle.ts';
import { Lab } from '../test/lab/machine/run.ts';
import { type Count, countReport, readReport } from './counts.ts';

/** The emulator may lose it (docs/lab.md, "How it ends"); each time is told, and more often is a failure. */
const BOOTS = 5;

/** Runs the tests in the lab and counts them; a lab that cannot be had is one test skipped. */
export async function countLab(filters: readonly string[]): Promise<Count> {
  const lab = await Lab.prepare();
  if ('missing' in lab) return { passed: 0, failed: [], skipped: [`the lab: ${lab.missing}`] };
  try {
    const trouble = await runAll(lab, labTests(filters));
    if (trouble !== undefined) console.error(`The lab ${trouble}. Its kernel said:\n${lab.kernelSaid()}`);
    const { passed, failed, skipped } = countReport(readReport(lab.report));
    return {
      passed,
      failed: trouble === undefined || failed.length > 0 ? failed.map(inLab) : [`the lab ${trouble}`],
      skipped: skipped.map(inLab),
    };
  } finally {
    lab.end();
  }
}

const inLab = (entry: string) => `in the lab: ${entry}`;

/** @returns what kept the lab from running all files of tests, or the runner of the tests from being content */
async function runAll(lab: Lab, files: readonly string[]): Promise<string | undefined> {
  let left = files;
  for (let boots = 1; ; boots++) {
    const ending = await lab.run(left);
    const ended = new Set(readReport(lab.report).map(({ file }) => file));
    left = files.filter((file) => !ended.has(scriptOf(file)));
    if (lab.status !== undefined) return lab.status === 0 ? undefined : 'had tests that failed';
    if (ending.kind !== 'lost') return ending.said;
    if (boots === BOOTS) return `did not last in any of ${BOOTS} boots: ${ending.said}`;
    console.error(
      `\nThe lab is lost, as the emulator loses it at times: ${ending.said}. Once more, for ${left.join(' ')}\n`,
    );
  }
}
