import { defineErrors } from '../../../errors/index.ts';

export const vsockErrors = defineErrors('vsock', () => ({
  'more-than-one': { class: 'invalid', message: () => 'a domain has at most one vsock device' },
  'reserved-cid': {
    class: 'invalid',
    message: (p: { cid: number }) => `the guest's CID '${p.cid}' is reserved: guests have 3 and above`,
  },
  'no-cid': {
    class: 'unavailable',
    message: () => 'no CID is free on this host, or the domain names none',
    hint: () => "give one: <cid auto='no' address='3'/>",
  },
}));
