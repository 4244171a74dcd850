import { describe, expect, it } from 'vitest';
import { type CompileEnv, normalize } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

/** A host with one UEFI as qcow2 and, after it, the same as raw images; and a ROM. */
function environment(abiUpdate: boolean): CompileEnv {
  const env = goldenEnvironment({ ...(abiUpdate && { 'abi-update': 'yes' }) });
  const firmware = [uefi('qcow2'), uefi('raw'), rom()].map((content, i) => ({ path: `/${i}.json`, content }));
  return { ...env, facts: { ...env.facts, firmware } };
}

function uefi(format: 'raw' | 'qcow2') {
  return {
    'interface-types': ['uefi'],
    mapping: {
      device: 'flash',
      executable: { filename: `/fw/code.${format}`, format },
      'nvram-template': { filename: `/fw/vars.${format}`, format },
    },
    targets: [{ architecture: 'x86_64', machines: ['pc-q35-*'] }],
    features: [],
  };
}

function rom() {
  return {
    'interface-types': ['bios'],
    mapping: { device: 'memory', filename: '/fw/bios.bin' },
    targets: [{ architecture: 'x86_64', machines: ['pc-q35-*'] }],
    features: [],
  };
}

function osOf(attributes: string, content: string, abiUpdate = true): string[] {
  const xml = `<domain type='kvm'>
  <name>guest</name>
  <memory>1048576</memory>
  <os ${attributes}><type arch='x86_64' machine='q35'>hvm</type>${content}</os>
  <features><acpi/></features>
</domain>`;
  const printed = normalize(xml, environment(abiUpdate)).xml;
  return printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^<(loader|nvram)/.test(line));
}

const EFI = "firmware='efi'";
const OWN = (name: string) => `/var/lib/qdom/nvram/guest_VARS.${name}`;
const RAW_CODE = "<loader readonly='yes' type='pflash' format='raw'>/fw/code.raw</loader>";
const OTHER_CODE = "<loader readonly='yes' type='pflash' format='raw'>/other/code</loader>";
const OLD_CODE = "<loader readonly='yes' type='pflash' format='raw'>/usr/share/OVMF/OVMF_CODE.fd</loader>";
const OLD_VARS = "template='/usr/share/OVMF/OVMF_VARS.fd' templateFormat='raw'";

/** What the domain says, and its loader and NVRAM once they are filled in. */
const CASES: readonly (readonly [
  what: string,
  os: string,
  attributes: string,
  expected: readonly string[],
])[] = [
  [
    'the format of variables narrows the choice of the code',
    "<nvram format='raw'>/v</nvram>",
    EFI,
    [RAW_CODE, "<nvram template='/fw/vars.raw' templateFormat='raw' format='raw'>/v</nvram>"],
  ],
  [
    'but not where the code is named',
    "<loader readonly='yes' type='pflash'>/fw/code.raw</loader><nvram format='qcow2'>/v</nvram>",
    EFI,
    [RAW_CODE, "<nvram template='/fw/vars.raw' templateFormat='raw' format='qcow2'>/v</nvram>"],
  ],
  [
    'a copy of the template has the format of the template',
    "<loader format='raw'/><nvram format='qcow2'/>",
    EFI,
    [RAW_CODE, `<nvram template='/fw/vars.raw' templateFormat='raw' format='raw'>${OWN('fd')}</nvram>`],
  ],
  [
    'also where no descriptor knows the code',
    "<loader readonly='yes' type='pflash'>/other/code</loader><nvram template='/t' templateFormat='qcow2' format='raw'/>",
    '',
    [OTHER_CODE, `<nvram template='/t' templateFormat='qcow2' format='qcow2'>${OWN('qcow2')}</nvram>`],
  ],
  [
    'variables that are somewhere have the format of the code',
    "<loader readonly='yes' type='pflash'>/other/code</loader><nvram templateFormat='qcow2'>/v</nvram>",
    '',
    [OTHER_CODE, "<nvram templateFormat='qcow2' format='raw'>/v</nvram>"],
  ],
  [
    'a well-known code is not written to unless the domain says so',
    "<loader type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>",
    '',
    [OLD_CODE, `<nvram ${OLD_VARS} format='raw'>${OWN('fd')}</nvram>`],
  ],
  [
    'a well-known path with another format is not the well-known code',
    "<loader type='pflash' format='qcow2' readonly='yes'>/usr/share/OVMF/OVMF_CODE.fd</loader>",
    '',
    [OLD_CODE.replace("'raw'", "'qcow2'"), `<nvram format='qcow2'>${OWN('qcow2')}</nvram>`],
  ],
  [
    'a ROM cannot be written to, whether the domain says it or not',
    "<loader readonly='yes'/>",
    "firmware='bios'",
    ["<loader readonly='yes' type='rom'>/fw/bios.bin</loader>"],
  ],
];

describe.each(CASES.map(([what, os, attributes, expected]) => ({ what, os, attributes, expected })))(
  'firmware: $what',
  ({ os, attributes, expected }) => {
    it('holds', () => expect(osOf(attributes, os)).toEqual(expected));
  },
);

it('firmware: code that is named is what its descriptor says, also in a domain that is there already', () => {
  const [loader] = osOf('', "<loader type='pflash' readonly='yes'>/fw/code.qcow2</loader>", false);
  expect(loader).toBe("<loader readonly='yes' type='pflash' format='qcow2'>/fw/code.qcow2</loader>");
});

it('firmware: the last of two features of a name counts', () => {
  const feature = (enabled: string) => `<feature enabled='${enabled}' name='secure-boot'/>`;
  expect(osOf(EFI, `<firmware>${feature('yes')}${feature('no')}</firmware>`)).toHaveLength(2);
});

it('firmware: a new definition needs one on this host, one that is there may be for another host', () => {
  const elsewhere = "<loader readonly='no'/>";
  expect(() => osOf(EFI, elsewhere)).toThrow(QdomError);
  expect(osOf(EFI, elsewhere, false)).toHaveLength(1);
});
