import { defineErrors } from '../../errors/index.ts';

/** What can be wrong with the images of a disk. */
export const imageErrors = defineErrors('host', () => ({
  'fd-group-missing': {
    class: 'unavailable',
    message: (p: { device: string; group: string }) =>
      `'${p.device}' uses the descriptors of the group '${p.group}', and none were given`,
    hint: (p) => `open the file and pass it on: qdom start NAME --fd-group ${p.group}=3 3<>FILE`,
  },
  'fd-not-open': {
    class: 'usage',
    message: (p: { device: string; group: string; fd: number }) =>
      `descriptor ${p.fd} of the group '${p.group}', which '${p.device}' uses, is no file or block device that is open`,
    hint: () => 'open it before qdom is started: qdom start NAME --fd-group GROUP=9 9<>FILE',
  },
  'fd-access': {
    class: 'usage',
    message: (p: { device: string; group: string; access: string }) =>
      `no descriptor of the group '${p.group}', which '${p.device}' uses, is open to ${p.access}`,
    hint: () => 'one that is to be written is opened for reading and writing: 3<>FILE',
  },
  'image-missing': {
    class: 'unavailable',
    message: (p: { device: string; image: string; chain: string }) =>
      `the image '${p.image}' of '${p.device}' is not there${p.chain}`,
    hint: () =>
      'give the path of an image that is there; of one beneath, qemu-img rebase -u says where it is now',
  },
  'image-unreadable': {
    class: 'unavailable',
    message: (p: { device: string; image: string; chain: string; reason: string }) =>
      `the image '${p.image}' of '${p.device}' cannot be read${p.chain}: ${p.reason}`,
    hint: (p) =>
      `qemu-img info ${p.image} says the same; is it in the format that <driver type='…'/> or <format type='…'/> gives?`,
  },
  'image-loop': {
    class: 'invalid',
    message: (p: { device: string; image: string; chain: string }) =>
      `the image '${p.image}' of '${p.device}' is based on itself${p.chain}`,
    hint: () => 'qemu-img rebase -u -b OTHER gives one of them another base',
  },
  'chain-too-long': {
    class: 'invalid',
    message: (p: { device: string; most: number }) =>
      `the images of '${p.device}' are based on each other more than ${p.most} times`,
    hint: () => 'make it shorter: qemu-img rebase, or qemu-img commit',
  },
  'backing-format': {
    class: 'invalid',
    message: (p: { device: string; image: string; above: string; chain: string }) =>
      `the image '${p.above}' of '${p.device}' does not say what format '${p.image}' has, on which it is based${p.chain}`,
    hint: (p) =>
      `it is not guessed: a guest could have written anything there. Say it: qemu-img rebase -u -F FORMAT -b '${p.image}' '${p.above}'; or by <backingStore> in the domain`,
  },
  'backing-elsewhere': {
    class: 'unsupported',
    message: (p: { device: string; image: string; above: string; chain: string }) =>
      `the image '${p.above}' of '${p.device}' is based on '${p.image}', which is not followed${p.chain}`,
    hint: () => 'describe it by <backingStore> in the domain',
  },
  'backing-encrypted': {
    class: 'invalid',
    message: (p: { device: string; image: string; chain: string }) =>
      `the image '${p.image}' of '${p.device}' is encrypted, and nothing says with which secret${p.chain}`,
    hint: () => 'describe it by <backingStore> in the domain, with <encryption> in its <source>',
  },
}));
