import { goldenEnvironment } from '../test/golden/environment.ts';
import { desktop, withDisks } from './domains.ts';
import { median } from './measure.ts';

/** After so many runs V8 has compiled what it will: before, the median falls from one hundred to the next. */
const SETTLED = 2000;

/** Warm, in this process: text to argument vector, by the library as it is built and published. */
export async function benchCompile(): Promise<void> {
  const library = new URL('../dist/index.mjs', import.meta.url).href;
  const { compile, printArgv, readDomain } = (await import(library)) as typeof import('../src/index.ts');
  const env = goldenEnvironment({});
  const time = (xml: string, runs: number, warmUp = runs) =>
    median(runs, warmUp, () => printArgv(compile(xml, env).options));
  const xml = desktop();
  const whole = await time(xml, 300, SETTLED);
  const reading = await median(300, SETTLED, () => readDomain(xml));
  console.log(
    `compile, a desktop: ${whole.toFixed(2)} ms, of which reading the XML ${reading.toFixed(2)} ms (at most 1 ms)`,
  );
  const four = await time(withDisks(400), 20);
  console.log(`compile, 400 disks: ${four.toFixed(1)} ms (at most 20 ms)`);
  const [hundred, thousand] = [await time(withDisks(100), 30), await time(withDisks(1000), 10)];
  const ratio = thousand / 1000 / (hundred / 100);
  console.log(
    `compile, cost of a disk of 1000 to that of a disk of 100: ${ratio.toFixed(2)} (at most about 1)`,
  );
}
