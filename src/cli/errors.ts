import { defineErrors } from '../errors/index.ts';

export const cliErrors = defineErrors('cli', () => ({
  usage: {
    class: 'usage',
    message: (p: { problem: string; hint: string }) => p.problem,
    hint: (p) => p.hint,
  },
  'no-such-file': {
    class: 'not-found',
    message: (p: { file: string; problem: string }) => `there is no file '${p.file}'`,
  },
  'cannot-read': {
    class: 'failed',
    message: (p: { file: string; problem: string }) => `'${p.file}' cannot be read: ${p.problem}`,
  },
  'unreadable-directory': {
    class: 'unavailable',
    message: (p: { path: string }) => `no permission to read '${p.path}'`,
    hint: () => 'run as its owner or as root, or use --root with a directory of your own',
  },
  'bad-encoding': {
    class: 'syntax',
    message: (p: { problem: string }) => `the document cannot be read as text: ${p.problem}`,
    hint: () => "save it as UTF-8, or declare what it is: <?xml version='1.0' encoding='ISO-8859-1'?>",
  },
  'warnings-are-errors': {
    class: 'invalid',
    message: (p: { count: number }) =>
      `${p.count === 1 ? 'there is a warning' : `there are ${p.count} warnings`}, and --strict makes them errors`,
  },
  'not-json': {
    class: 'usage',
    message: (p: { text: string; problem: string }) => `'${p.text}' is no JSON for QMP: ${p.problem}`,
    hint: () => `for example: qdom qmp NAME human-monitor-command '{"command-line": "info pci"}'`,
  },
  'name-or-all': {
    class: 'usage',
    message: () => "reap takes a machine's name or --all",
  },
  'fd-group': {
    class: 'usage',
    message: (p: { text: string; reason: string }) =>
      `'${p.text}' cannot be taken for a group of descriptors: ${p.reason}`,
    hint: () => 'NAME=FD or NAME=FD,FD, from 3 on: --fd-group images=3 3<>FILE',
  },
  'secret-on-argv': {
    class: 'usage',
    message: () => 'a secret is not taken from an argument: everybody on this host can read those',
    hint: () =>
      'give it by --file FILE, by --interactive, or in base64 on standard input: … | base64 | qdom secret-set-value UUID -',
  },
  'secret-source': {
    class: 'usage',
    message: () => 'a value comes from exactly one of --file FILE, --interactive, and - for standard input',
  },
  'not-base64': {
    class: 'invalid',
    message: (p: { source: string }) => `what ${p.source} holds is not base64`,
    hint: () => '--plain takes it as it is',
  },
  'no-terminal': {
    class: 'usage',
    message: () => '--interactive needs a terminal on standard input',
    hint: () => '--file FILE and - read from elsewhere',
  },
  'no-such-device': {
    class: 'not-found',
    message: (p: { name: string }) => `the host has no device '${p.name}'`,
    hint: () => 'qdom nodedev-list shows those that it has',
  },
  'system-refused': {
    class: 'failed',
    message: (p: { problem: string; path?: string | undefined }) =>
      `the system refused what was to be done${p.path === undefined ? '' : ` with '${p.path}'`}: ${p.problem}`,
  },
  bug: {
    class: 'internal',
    message: (p: { problem: string }) => `an internal error, which is a bug in qdom: ${p.problem}`,
    hint: () => 'set QDOM_DEBUG=1 to see where, and report it with the input',
  },
}));
