import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { nodeWithTypeScript } from './machines.ts';

const CLI = fileURLToPath(new URL('../../src/cli/qdom.ts', import.meta.url));

export interface CliResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The words that run the command line, below a root of the test's. */
export function qdomCommand(root: string | undefined): readonly string[] {
  return [...nodeWithTypeScript, CLI, ...(root === undefined ? [] : ['--root', root])];
}

/** Runs the command line as a user would, in a process of its own. */
export async function qdom(
  root: string | undefined,
  args: readonly string[],
  input: string | Buffer = '',
): Promise<CliResult> {
  const [node = '', ...words] = qdomCommand(root);
  const { exitCode, stdout, stderr } = await execa(node, [...words, ...args], {
    ...{ reject: false, input, timeout: 120_000, env: { NO_COLOR: '1' } },
  });
  return { exitCode, stdout, stderr };
}
