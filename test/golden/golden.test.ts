import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEVICE_KINDS } from '../../src/compile/domain.ts';
import { compile } from '../../src/compile/index.ts';
import { printArgv } from '../../src/plan/index.ts';
import { allRules } from '../helpers/error-catalogues.ts';
import { schemaProblems } from '../helpers/qapi.ts';
import { answerFor, ENDINGS, goldenKinds, keptFor, listGoldens } from './cases.ts';
import { directivesOf, FIXTURES, goldenEnvironment } from './environment.ts';

const goldens = listGoldens();

describe.each(goldens)('golden $kind/$name', (golden) => {
  it('gives what is kept', () => {
    expect(answerFor(golden)).toEqual(keptFor(golden));
  });

  it(golden.mustFail ? 'is refused' : 'is accepted', () => {
    expect('err' in keptFor(golden)).toBe(golden.mustFail);
  });
});

describe.each(goldens.filter((g) => !g.mustFail))('the plan of $kind/$name', (golden) => {
  it('reads back as itself and compiles to the same command line', () => {
    const xml = readFileSync(golden.input, 'utf8');
    const env = goldenEnvironment(directivesOf(xml));
    const first = compile(xml, env);
    const second = compile(first.domainXml, env);
    expect(second.domainXml).toBe(first.domainXml);
    expect(printArgv(second.options)).toEqual(printArgv(first.options));
  });

  it('has the options that the recorded QEMU says that it takes', () => {
    const xml = readFileSync(golden.input, 'utf8');
    const env = goldenEnvironment(directivesOf(xml));
    expect(schemaProblems(compile(xml, env).options, env.caps)).toEqual([]);
  });
});

describe('the fixtures police themselves', () => {
  it('no file is without its input', () => {
    const known = new Set(
      goldens.flatMap((g) => [`${g.kind}/${g.name}.xml`, ...ENDINGS.map((e) => `${g.kind}/${g.name}.${e}`)]),
    );
    const files = goldenKinds().flatMap((kind) =>
      readdirSync(path.join(FIXTURES, kind)).map((file) => `${kind}/${file}`),
    );
    expect(files.filter((file) => !known.has(file))).toEqual([]);
  });

  it('every error and warning has its line and column', () => {
    const placeless = goldens.filter((golden) => {
      const { err = '', warn = '' } = keptFor(golden);
      return /^-:-:/m.test(err + warn);
    });
    expect(placeless.map(({ kind, name }) => `${kind}/${name}`)).toEqual([]);
  });

  it('every device kind has a golden', () => {
    const kinds = new Set(goldens.map((g) => g.kind));
    expect(DEVICE_KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});

/** What has no option of its own: it is refused, ignored with a warning, or told to other devices. */
const WITHOUT_OPTION: ReadonlySet<string> = new Set(['nvram', 'lease', 'redirfilter']);

describe('the command line', () => {
  it('has a place for every device kind', () => {
    const placed = new Set(
      goldens
        .filter((g) => !g.mustFail)
        .flatMap((golden) => {
          const xml = readFileSync(golden.input, 'utf8');
          const { options } = compile(xml, goldenEnvironment(directivesOf(xml)));
          return options.map(({ from }) => /^\/domain\/devices\/(\w+)/.exec(from?.path ?? '')?.[1]);
        }),
    );
    expect(DEVICE_KINDS.filter((kind) => !placed.has(kind) && !WITHOUT_OPTION.has(kind))).toEqual([]);
  });
});

describe('the rules of the compiler', () => {
  it('have one code each, and each code a fixture or a test that breaks it', async () => {
    const rules = (await allRules()).filter(({ file }) => /^(compile|xml)\//.test(file));
    const codes = rules.map(({ rule }) => rule.code);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
    const told = goldens
      .map((g) => keptFor(g))
      .flatMap((kept) => [kept.err ?? '', kept.warn ?? ''])
      .join('');
    const tests = testSources();
    const internal = new Set(
      rules.filter(({ rule }) => rule.class === 'internal').map(({ rule }) => rule.code),
    );
    expect(
      codes.filter(
        (code) => !internal.has(code) && !told.includes(`[${code}]`) && !tests.includes(`'${code}'`),
      ),
    ).toEqual([]);
  });
});

/** The text of every test: a code that one of them expects is tested there. */
function testSources(): string {
  const directory = path.join(FIXTURES, '..', 'test');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.test.ts'),
  );
  return files.map((file) => readFileSync(path.join(directory, file), 'utf8')).join('');
}
