/**
 * Compiles the XML that the guide and the reference show, and writes docs/guide-xml.md: what is refused, and why.
 *   npm run snippets
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkSnippets, type SnippetOutcome, snippetsAreHere } from '../test/conformance/snippets.ts';

if (!snippetsAreHere) console.log('The documents\u2019 XML is not here: nothing to run.');
else {
  const outcomes = checkSnippets();
  for (const o of outcomes) if (o.message !== undefined) console.log(`${o.result} ${o.name}: ${o.message}`);
  for (const result of ['compiles', 'refused', 'other', 'crash'] as const)
    console.log(`${result.padEnd(9)} ${count(outcomes, result)}`);
  writeFileSync(fileURLToPath(new URL('../docs/guide-xml.md', import.meta.url)), page(outcomes));
}

function count(outcomes: readonly SnippetOutcome[], result: SnippetOutcome['result']): number {
  return outcomes.filter((o) => o.result === result).length;
}

function page(outcomes: readonly SnippetOutcome[]): string {
  const refused = outcomes.filter((o) => o.result === 'refused');
  const rows = refused.map((o) => `| ${o.name.replace(/\.xml$/, '')} | ${cell(o.message ?? '')} |`);
  return `# The XML of the guide and of the reference

This page is generated (\`npm run snippets\`). Every piece of XML that the virtualization guide and the format's reference
show is compiled, put into a domain where it is a fragment: ${count(outcomes, 'compiles')} compile, ${refused.length} are refused, and
${count(outcomes, 'other')} are no part of a domain (pools, networks, secrets). The line is that of the wrapped document.

| refused | because |
|---|---|
${rows.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
