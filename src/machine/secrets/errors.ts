import { defineErrors } from '../../errors/index.ts';

/** What can go wrong with the store of secrets. */
export const secretErrors = defineErrors('secret', () => ({
  'bad-uuid': {
    class: 'usage',
    message: (p: { uuid: string }) => `'${p.uuid}' is no UUID`,
    hint: () => "a secret is named by its UUID: 'qdom secret-list' shows them",
  },
  'not-found': {
    class: 'not-found',
    message: (p: { uuid: string }) => `there is no secret with the UUID '${p.uuid}'`,
    hint: () => 'make one: qdom secret-define FILE',
  },
  'no-value': {
    class: 'not-found',
    message: (p: { uuid: string }) => `secret '${p.uuid}' has no value`,
    hint: (p) => `give it one: qdom secret-set-value ${p.uuid} --interactive`,
  },
  private: {
    class: 'unavailable',
    message: (p: { uuid: string }) => `secret '${p.uuid}' is private: its value is not shown`,
  },
  'usage-taken': {
    class: 'conflict',
    message: (p: { type: string; name: string; uuid: string }) =>
      `a secret for ${p.type} '${p.name}' is there already: '${p.uuid}'`,
    hint: (p) => `undefine it first, or give the definition its UUID: <uuid>${p.uuid}</uuid>`,
  },
  'usage-changed': {
    class: 'conflict',
    message: (p: { uuid: string; usage: string }) =>
      `secret '${p.uuid}' is defined for ${p.usage}, which cannot be changed`,
    hint: () => 'undefine it first',
  },
  'stays-private': {
    class: 'conflict',
    message: (p: { uuid: string }) => `secret '${p.uuid}' is private, and stays so`,
    hint: () => 'undefine it first: its value goes with it',
  },
  'stays-where-it-is': {
    class: 'conflict',
    message: (p: { uuid: string; ephemeral: string }) =>
      `secret '${p.uuid}' was defined with ephemeral='${p.ephemeral}', which cannot be changed`,
    hint: () => 'undefine it first',
  },
  'not-in-memory': {
    class: 'unavailable',
    message: (p: { uuid: string; path: string; type: string }) =>
      `secret '${p.uuid}' is ephemeral, to be kept in memory only, and '${p.path}' is on disk (${p.type})`,
    hint: () => "mount a tmpfs there (systemd does so with /run), or define the secret with ephemeral='no'",
  },
  busy: {
    class: 'conflict',
    message: (p: { path: string; timeoutMs: number }) =>
      `the secrets are busy: the lock '${p.path}' was not given back within ${p.timeoutMs} ms`,
  },
  damaged: {
    class: 'failed',
    message: (p: { path: string }) => `'${p.path}' is damaged: it defines no secret`,
    hint: () => 'define the secret again',
  },
}));
