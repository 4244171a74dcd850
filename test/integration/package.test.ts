import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const home = fileURLToPath(new URL('../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'));
const entries = Object.entries<{ types: string } | string>(exports).flatMap(([name, entry]) =>
  typeof entry === 'string' ? [] : [[name.replace(/^\./, 'qdom'), entry.types] as const],
);
const built = existsSync(`${home}/dist`);

describe.skipIf(!built)(`the package${built ? '' : ' (skipped: not built, npm run build)'}`, () => {
  it.each(entries)('%s loads by its name and has types', async (name, types) => {
    const program = `console.log(Object.keys(await import('${name}')).length)`;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', program], { cwd: home });
    expect(Number(stdout)).toBeGreaterThan(3);
    expect(readFileSync(`${home}/${types}`, 'utf8')).toContain('export');
  });
});
