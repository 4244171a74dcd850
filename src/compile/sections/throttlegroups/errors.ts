import { defineErrors } from '../../../errors/index.ts';

export const throttleErrors = defineErrors('throttlegroups', () => ({
  'unnamed-group': { class: 'invalid', message: () => 'a <throttlegroup> has no <group_name>' },
  'duplicate-group': {
    class: 'invalid',
    message: (p: { name: string }) => `throttle group '${p.name}' is defined twice`,
  },
}));
