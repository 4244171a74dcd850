/**
 * Writes the parts of `docs` that are made from the code: the list of errors.
 *   npm run docs             write        npm run docs -- --check      fail if something would change
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT_STATUS } from '../src/errors/index.ts';
import { allRules } from '../test/helpers/error-catalogues.ts';

const check = process.argv.includes('--check');
const stale = [['errors.md', await errorList()] as const]
  .filter(([name, text]) => !write(name, text))
  .map(([name]) => name);
if (stale.length > 0) {
  console.error(`out of date: ${stale.join(', ')}; run npm run docs`);
  process.exitCode = 1;
}

/** False if the file is not as it should be, and it was only to be looked at. */
function write(name: string, text: string): boolean {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return true;
  if (check) return false;
  writeFileSync(file, text);
  return true;
}

async function errorList(): Promise<string> {
  const rules = await allRules();
  const rows = rules.map(({ rule }) => {
    const words = example(rule.message as (p: unknown) => string);
    return `| \`${rule.code}\` | ${rule.severity === 'warning' ? 'warning' : rule.class} | ${words.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`;
  });
  const classes = Object.entries(EXIT_STATUS).map(([name, status]) => `| ${status} | ${name} |`);
  return `# Errors and exit statuses

This page is generated (\`npm run docs\`). A code never changes its meaning; words in angle brackets are filled in.

| exit status | class |
|---|---|
${classes.join('\n')}

| code | class | message |
|---|---|---|
${rows.join('\n')}
`;
}

/** The message with the names of its parameters in their places. */
function example(message: (params: unknown) => string): string {
  const names: object = new Proxy(
    {},
    { get: (_, name) => (typeof name === 'string' ? placeholder(name) : undefined) },
  );
  try {
    return String(message(names));
  } catch {
    return message.toString().replace(/^[^`'"]*/, '');
  }
}

/** Stands for a text, a number or a list of texts, whatever the message does with it. */
function placeholder(name: string): unknown {
  const text = `‹${name}›`;
  return { toString: () => text, toJSON: () => text, join: () => text, map: () => [text], length: 2 };
}
