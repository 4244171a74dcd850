import { describe, expect, it } from 'vitest';
import { QdomError } from '../../src/errors/index.ts';
import { whereIs } from '../../src/xml/element.ts';
import { parseXml, printXml, verbatim } from '../../src/xml/index.ts';
import {
  attribute,
  child,
  childText,
  element,
  integer,
  Reader,
  required,
  string,
  variants,
  yesNo,
} from '../../src/xml/schema/index.ts';

function refusal(xml: string) {
  try {
    parseXml(xml, 'x.xml');
  } catch (error) {
    if (error instanceof QdomError) return error.primary;
    throw error;
  }
  return undefined;
}

describe('a document', () => {
  it('gives elements with their place, attributes included', () => {
    const root = parseXml('<a>\n  <b x="1"\n     y=\'2\'/>\n</a>');
    const b = root.child('b');
    expect(b?.where().at).toMatchObject({ line: 2, column: 3 });
    expect(b?.where('x').at).toMatchObject({ line: 2, column: 6 });
    expect(b?.where('y').at).toMatchObject({ line: 3, column: 6 });
  });

  it('an attribute name inside another value is not taken for the attribute', () => {
    const root = parseXml(`<a x=" y='1'" y='2'/>`);
    expect(root.where('y').at?.column).toBe(15);
  });

  it('names twins by their number', () => {
    const root = parseXml('<a><b/><c/><b/></a>');
    expect(root.children.map((c) => c.path)).toEqual(['/a/b[1]', '/a/c', '/a/b[2]']);
  });

  it('decodes the predefined entities and characters, in CDATA none', () => {
    expect(parseXml('<a>&lt;&#65;&#x42;<![CDATA[&lt;]]></a>').text).toBe('<AB&lt;');
  });

  it('prints what it reads', () => {
    const xml = `<a x='1 &amp; &apos;2&apos;'>\n  <b>t &lt; u</b>\n  <c/>\n</a>\n`;
    expect(printXml(verbatim(parseXml(xml)))).toBe(xml);
  });
});

describe('what is not one well-formed document is refused', () => {
  it.each([
    ['', 'xml/empty'],
    ['hello', 'xml/malformed'],
    ['<a>', 'xml/malformed'],
    ['<a></b>', 'xml/malformed'],
    ['<a/><b/>', 'xml/several-roots'],
    ['<!DOCTYPE a><a/>', 'xml/doctype'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'xml/doctype'],
    ['<a>&nbsp;</a>', 'xml/unknown-entity'],
    ['<a x="&foo;"/>', 'xml/unknown-entity'],
    ['<a>&#0;</a>', 'xml/no-character'],
    ['<a>&#27;</a>', 'xml/no-character'],
    ['<a>\0</a>', 'xml/no-character'],
    ["<a x='\x1b'/>", 'xml/no-character'],
    ['<a>'.repeat(300) + '</a>'.repeat(300), 'xml/too-deep'],
  ])('%.40s: %s', (xml, code) => {
    expect(refusal(xml)).toMatchObject({ code, at: { line: 1 } });
  });

  it('an element without an end, which is named', () => {
    expect(refusal('<a>\n <b>\n  <c x=">"/><d></d>\n</a>'.replace('</a>', ''))).toMatchObject({
      message: 'not well-formed XML: <b> is not closed',
      at: { line: 2, column: 2 },
    });
  });

  it('more than 16 MiB', () => {
    expect(refusal(`<a>${'x'.repeat(17 * 2 ** 20)}</a>`)).toMatchObject({ code: 'xml/too-large' });
  });

  it('ten megabytes of nesting end quickly and without a stack overflow', () => {
    expect(refusal('<a>'.repeat(3_500_000))).toMatchObject({
      code: 'xml/too-deep',
      message: 'elements are nested more than 256 deep',
    });
    expect(refusal('<a>'.repeat(1_400_000) + '</a>'.repeat(1_400_000))).toMatchObject({
      code: 'xml/too-deep',
    });
  });
});

describe('a schema', () => {
  const schema = element(() => ({
    size: required(attribute(integer({ max: 10 }))),
    address: child(variants('type', { pci: () => ({ slot: attribute(integer()) }), none: () => ({}) })),
    on: attribute(yesNo),
  }));
  const needsName = element(() => ({ name: required(childText(string())) }));
  const read = (xml: string) => {
    const reader = new Reader();
    return { value: schema.read(parseXml(xml), reader), codes: reader.diagnostics.map((d) => d.code) };
  };

  it('reads, prints and points back into the text', () => {
    const { value, codes } = read("<x size='3' on='yes'><address type='pci' slot='0x2'/></x>");
    expect(codes).toEqual([]);
    expect(value).toMatchObject({ size: 3, on: true, address: { type: 'pci', slot: 2 } });
    expect(printXml(schema.write(value, 'x'))).toBe(
      "<x size='3' on='yes'>\n  <address type='pci' slot='2'/>\n</x>\n",
    );
    expect(whereIs(value, 'address', '@slot').path).toBe('/x/address/@slot');
  });

  it.each([
    ['<x/>', ['xml/missing-attribute']],
    ["<x size='11'/>", ['xml/invalid-value']],
    ["<x size='1' no='2'/>", ['xml/unknown-attribute']],
    ["<x size='1'><y/></x>", ['xml/unknown-element']],
    ["<x size='1'>text</x>", ['xml/unexpected-text']],
    ["<x size='1'><address type='isa'/></x>", ['xml/invalid-value']],
    ["<x size='1'><address/></x>", ['xml/missing-attribute']],
    ["<x size='1'><address type='none' slot='1'/></x>", ['xml/unknown-attribute']],
    ["<x size='1'><address type='none'/><address type='none'/></x>", ['xml/repeated-element']],
  ])('%s: %j', (xml, codes) => {
    expect(read(xml).codes).toEqual(codes);
  });

  it('says which element is missing', () => {
    const reader = new Reader();
    needsName.read(parseXml('<x/>'), reader);
    expect(reader.diagnostics.map((d) => d.code)).toEqual(['xml/missing-element']);
  });
});
