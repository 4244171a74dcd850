import { defineErrors } from '../errors/index.ts';

/** What can go wrong with a machine. */
export const machineErrors = defineErrors('machine', () => ({
  'bad-name': {
    class: 'invalid',
    message: (p: { name: string; why: string }) => `domain name '${p.name}' ${p.why}`,
  },
  'not-found': {
    class: 'not-found',
    message: (p: { name: string }) => `no domain with the name '${p.name}'`,
  },
  'already-running': {
    class: 'conflict',
    message: (p: { name: string }) => `domain '${p.name}' is already running`,
  },
  'already-defined': {
    class: 'conflict',
    message: (p: { name: string; uuid: string }) =>
      `domain '${p.name}' is already defined with the UUID '${p.uuid}'`,
    hint: () => 'undefine it first, or give the definition the same UUID',
  },
  'uuid-taken': {
    class: 'conflict',
    message: (p: { name: string; uuid: string }) => `UUID '${p.uuid}' belongs to domain '${p.name}'`,
  },
  'not-running': {
    class: 'conflict',
    message: (p: { name: string }) => `domain '${p.name}' is not running`,
  },
  busy: {
    class: 'conflict',
    message: (p: { name: string; who: string; timeoutMs: number }) =>
      `domain '${p.name}' is busy: ${p.who} has not ended within ${p.timeoutMs} ms`,
  },
  'no-permission': {
    class: 'unavailable',
    message: (p: { path: string; act: string }) => `no permission to ${p.act} '${p.path}'`,
    hint: () => 'run as root, or use --root with a directory of your own',
  },
  'directory-refused': {
    class: 'failed',
    message: (p: { path: string; act: string; problem: string }) =>
      `cannot ${p.act} '${p.path}': ${p.problem}`,
  },
  'qemu-missing': {
    class: 'unavailable',
    message: (p: { binary: string }) => `there is no QEMU at '${p.binary}'`,
    hint: () =>
      "install it (Debian: apt install qemu-system-x86), or name another in <emulator>; 'qdom doctor' tells more",
  },
  'qemu-refused': {
    class: 'failed',
    message: (p: { message: string }) => p.message,
  },
  'image-locked': {
    class: 'conflict',
    message: (p: { path: string; who: string }) => `the image '${p.path}' is in use by ${p.who}`,
    hint: () => 'end that first; an image that several machines may write needs <shareable/> in all of them',
  },
  'start-failed': {
    class: 'failed',
    message: (p: { reason: string }) => `the machine cannot be started: ${p.reason}`,
  },
  'qemu-silent': {
    class: 'failed',
    message: (p: { name: string; timeoutMs: number; said: string }) =>
      `QEMU of domain '${p.name}' gave no answer within ${p.timeoutMs} ms${p.said === '' ? '' : `, and said last: ${p.said}`}`,
    hint: () =>
      "memory that is allocated at once takes long ('startTimeoutSeconds' of the configuration); one that waits for a connection needs the program that is to connect",
  },
  'monitor-unreachable': {
    class: 'failed',
    message: (p: { name: string; reason: string }) =>
      `QEMU of domain '${p.name}' runs and its monitor cannot be reached: ${p.reason}`,
  },
  'command-failed': {
    class: 'failed',
    message: (p: { command: string; message: string }) => `QEMU refused '${p.command}': ${p.message}`,
  },
  'command-unknown-outcome': {
    class: 'failed',
    message: (p: { command: string; timeoutMs: number }) =>
      `'${p.command}' was not answered within ${p.timeoutMs} ms; whether it took effect is not known`,
  },
  'still-alive': {
    class: 'failed',
    message: (p: { name: string; pid: number; timeoutMs: number }) =>
      `QEMU of domain '${p.name}' (process ${p.pid}) has not ended within ${p.timeoutMs} ms`,
  },
  'no-console': {
    class: 'not-found',
    message: (p: { name: string; console: string; known: string }) =>
      `domain '${p.name}' has no console '${p.console}' that can be attached to${p.known === '' ? '' : ` (there is ${p.known})`}`,
  },
  'console-in-use': {
    class: 'conflict',
    message: (p: { name: string; console: string; who: string }) =>
      `the console '${p.console}' of domain '${p.name}' is in use: ${p.who}`,
    hint: () => 'each byte of a console goes to one reader; leave the other with ^], or end it',
  },
  'console-unreachable': {
    class: 'failed',
    message: (p: { name: string; console: string; reason: string }) =>
      `the console '${p.console}' of domain '${p.name}' cannot be attached to: ${p.reason}`,
    hint: (p) => `qdom domstate ${p.name} says whether it still runs`,
  },
  'no-agent': {
    class: 'unavailable',
    message: (p: { name: string }) => `domain '${p.name}' has no guest agent channel`,
    hint: () => "add a channel with the target name 'org.qemu.guest_agent.0'",
  },
  'helper-lost': {
    class: 'failed',
    severity: 'warning',
    message: (p: { name: string; device: string; program: string; lastWords: string }) =>
      `'${p.program}', which serves '${p.device}' of domain '${p.name}', has ended: ${p.lastWords}`,
    hint: () => 'the device does not work any more; it is not started again before the machine is',
  },
  'coredump-policy': {
    class: 'not-implemented',
    message: (p: { policy: string }) =>
      `on_crash '${p.policy}' is not implemented: nobody is there to write the dump`,
    hint: () => "'preserve' keeps the crashed machine: qdom qmp NAME dump-guest-memory writes the dump",
  },
  'too-many-descriptors': {
    class: 'unavailable',
    message: (p: { count: number }) => `passing ${p.count} descriptors to QEMU needs bash`,
  },
  'not-cleaned-up': {
    class: 'failed',
    message: (p: { name: string; reason: string }) =>
      `what domain '${p.name}' left on the host cannot be undone: ${p.reason}`,
    hint: () => 'the next command tries again',
  },
  'record-lost': {
    class: 'failed',
    severity: 'warning',
    message: (p: { name: string; reason: string }) =>
      `domain '${p.name}' has ended, and its record could not be kept in the log directory: ${p.reason}`,
    hint: () => 'what it had of the host is given back all the same',
  },
  'state-unreadable': {
    class: 'failed',
    message: (p: { path: string; reason: string }) => `'${p.path}' cannot be read: ${p.reason}`,
  },
}));
