import {
  attribute,
  bigInteger,
  childText,
  integer,
  type Read,
  required,
  string,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';

/** Format: "Launch Security". */

const bits = integer({ samples: [47] });
const blob = string({ nonEmpty: true, samples: ['AAAAAAAAAAAAAAAAAAAAAA=='] });

/** A policy in hexadecimal, with `0x` or without; SEV's prints with four digits, SNP's with eight. */
function policy(digits: number, max: bigint) {
  return {
    ...hexadecimal(max),
    write: (value: bigint) => `0x${value.toString(16).padStart(digits, '0')}`,
  };
}

function hexadecimal(max: bigint) {
  const codec = bigInteger({ max });
  return { ...codec, read: (text: string) => codec.read(text.trim().replace(/^(0x)?/i, '0x')) };
}

export const launchSecuritySchema = variants('type', {
  sev: () => ({
    kernelHashes: attribute(yesNo),
    cbitpos: childText(bits),
    reducedPhysBits: childText(bits),
    policy: required(childText(policy(4, 0xffffffffn))),
    dhCert: childText(blob),
    session: childText(blob),
  }),
  'sev-snp': () => ({
    kernelHashes: attribute(yesNo),
    authorKey: attribute(yesNo),
    vcek: attribute(yesNo),
    cbitpos: childText(bits),
    reducedPhysBits: childText(bits),
    policy: required(childText(policy(8, 2n ** 64n - 1n))),
    guestVisibleWorkarounds: childText(blob),
    idBlock: childText(blob),
    idAuth: childText(blob),
    hostData: childText(blob),
  }),
  tdx: () => ({
    policy: childText(policy(4, 2n ** 64n - 1n)),
    mrConfigId: childText(blob),
    mrOwner: childText(blob),
    mrOwnerConfig: childText(blob),
  }),
  's390-pv': () => ({}),
});

export type LaunchSecurity = Read<typeof launchSecuritySchema>;
