import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { type Diagnostic, QdomError } from '../../../src/errors/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const env = goldenEnvironment({});

/** Each part begins a line of its own, the first device line 2. */
function domain(devices: string, top = ''): string {
  return `<domain type='kvm'><name>guest</name><memory unit='GiB'>1</memory><vcpu>2</vcpu>${top}<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
${devices}
</devices></domain>`;
}

function disk(target: string, more = '', attributes = ''): string {
  return `<disk type='file' device='disk'${attributes}>\n<source file='/srv/a'/>\n${target}\n${more}</disk>`;
}

function told(xml: string): readonly Diagnostic[] {
  try {
    return compile(xml, env).warnings;
  } catch (error) {
    if (error instanceof QdomError) return error.diagnostics;
    throw error;
  }
}

/** What somebody may write, and the place, the code and the hint that they are told. */
const MISTAKES: readonly (readonly [what: string, xml: string, place: string, code: string, hint: string])[] =
  [
    [
      'an element with swapped letters',
      domain('<dsik/>'),
      '2:1',
      'xml/unknown-element',
      "did you mean 'disk'?",
    ],
    ['an element in capitals', domain('<Disk/>'), '2:1', 'xml/unknown-element', "did you mean 'disk'?"],
    [
      'an element outside its parent',
      domain('', '\n<disk/>'),
      '2:1',
      'xml/unknown-element',
      'it stands in <devices>',
    ],
    [
      'an attribute as an element',
      domain(disk("<target dev='vda'/>", '<device>cdrom</device>')),
      '5:1',
      'xml/unknown-element',
      "'device' is an attribute of <disk>",
    ],
    [
      'an attribute with a letter too many',
      domain(disk("<target dev='vda' buss='virtio'/>")),
      '4:19',
      'xml/unknown-attribute',
      "did you mean 'bus'?",
    ],
    [
      'an attribute of a child',
      domain(disk("<target dev='vda'/>", '', " file='/srv/b'")),
      '2:33',
      'xml/unknown-attribute',
      'it is an attribute of <source>',
    ],
    [
      'an element as an attribute',
      domain(disk("<target dev='vda'/>", '', " serial='x'")),
      '2:33',
      'xml/unknown-attribute',
      '<serial> is an element in <disk>',
    ],
    [
      'an attribute of another type',
      domain("<graphics type='spice' websocket='5700'/>"),
      '2:24',
      'xml/unknown-attribute',
      "it goes with type 'vnc'",
    ],
    [
      'a value with swapped letters',
      domain(disk("<target dev='vda' bus='vritio'/>")),
      '4:19',
      'xml/invalid-value',
      "did you mean 'virtio'?",
    ],
    [
      'a value in capitals',
      domain('', "\n<clock offset='UTC'/>"),
      '2:8',
      'xml/invalid-value',
      "did you mean 'utc'?",
    ],
    [
      'a size with its unit',
      domain('', '\n<currentMemory>1GiB</currentMemory>'),
      '2:1',
      'xml/invalid-value',
      "the unit has an attribute of its own: unit='GiB'",
    ],
    [
      'a number with a unit where there is none',
      domain("<video><model type='vga' vram='16MB'/></video>"),
      '2:26',
      'xml/invalid-value',
      'a number stands here without a unit',
    ],
    [
      'an alias of a running domain',
      domain(disk("<target dev='vda'/>", "<alias name='root'/>")),
      '5:8',
      'domain/output-only',
      "an alias of your own is 'ua-' with letters, digits, '_' and '-', such as 'ua-root'",
    ],
    [
      'a CPU model that is cut short',
      domain('', "\n<cpu mode='custom'><model>Skylake</model></cpu>"),
      '2:20',
      'cpu/unknown-model',
      "did you mean 'Skylake-Client'?",
    ],
    [
      'a CPU feature with swapped letters',
      domain('', "\n<cpu mode='host-model'><feature policy='require' name='vxm'/></cpu>"),
      '2:50',
      'cpu/unknown-feature',
      "did you mean 'vmx'?",
    ],
    [
      'a source of another type',
      domain("<disk type='block' device='disk'>\n<source file='/dev/sdb'/><target dev='vda'/></disk>"),
      '3:1',
      'disk/missing-source',
      "a disk of type 'block' has <source dev='…'/>; only a CD-ROM or floppy drive can be empty",
    ],
    [
      'a bus that the machine has not: told at the disk, not at the controller that it would need',
      domain(disk("<target dev='hda' bus='ide'/>")),
      '2:1',
      'controller/no-ide',
      "q35 has SATA: use bus='sata'",
    ],
    [
      'a value without quotes',
      '<domain type=kvm/>',
      '1:9',
      'xml/malformed',
      "the value of an attribute stands in quotes: name='value'",
    ],
    [
      'a bare ampersand',
      "<domain type='a&b'/>",
      '1:16',
      'xml/unknown-entity',
      "the character '&' itself is written '&amp;'",
    ],
    ['a network', '<network/>', '1:1', 'domain/not-a-domain', 'a virtual network is for qdom net-define'],
  ];

describe('a mistake is told with its place and what may have been meant', () => {
  it.each(MISTAKES)('%s', (_what, xml, place, code, hint) => {
    const found = told(xml).find((diagnostic) => diagnostic.code === code);
    expect({ place: `${found?.at?.line}:${found?.at?.column}`, hint: found?.hint }).toEqual({ place, hint });
  });

  it('once, if the value that chooses the shape of an element is wrong', () => {
    expect(told(domain('', "\n<clock offset='UTC'/>"))).toHaveLength(1);
  });
});

describe('no hint', () => {
  it.each([
    ['a name that is like none', domain('<xylophone/>')],
    ['a word that many elements have', domain("<memballoon model='none' type='virtio'/>")],
  ])('for %s', (_what, xml) => {
    expect(told(xml)).toMatchObject([{ severity: 'warning' }]);
    expect(told(xml)[0]).not.toHaveProperty('hint');
  });
});
