import { compile } from '../../compile/index.ts';
import { type Plan, printArgv } from '../../plan/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { withDomain } from '../compile-input.ts';
import { jsonText } from '../json.ts';
import { shellCommand } from '../shell-quote.ts';
import { writeOut } from '../streams.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const plan = await withDomain(cx, argument(args, 0), options, compile);
  // libvirt's argv has descriptor numbers where ours has names; they are masked wherever the two are compared.
  const argv = options.profile === 'libvirt' ? printArgv(plan.options, () => '3') : printArgv(plan.options);
  const format = cx.json ? 'json' : String(options.format ?? 'text');
  writeOut(FORMATS[format]?.(plan, argv) ?? '');
  return undefined;
};

const FORMATS: Readonly<Record<string, (plan: Plan, argv: readonly string[]) => string>> = {
  text: (plan, argv) => `${shellCommand(plan.binary, argv)}\n`,
  sh: (plan, argv) => `#!/bin/sh\nexec ${shellCommand(plan.binary, argv)}\n`,
  argv: (plan, argv) => `${[plan.binary, ...argv].join('\n')}\n`,
  json: (plan, argv) => {
    const { name, uuid, binary, host, afterStart } = plan;
    return `${jsonText({ name, uuid, binary, argv, host, afterStart })}\n`;
  },
};
