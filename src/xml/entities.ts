const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** A reference that XML does not define by itself. */
export class UnknownEntity extends Error {
  readonly entity: string;

  constructor(entity: string) {
    super(`unknown entity ${entity}`);
    this.entity = entity;
  }
}

/**
 * Decodes the five predefined entities and character references (XML 1.0, section 4.6).
 * @throws UnknownEntity
 */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([^\s;&]*));?/g, (whole, hex, decimal, name) => {
    if (!whole.endsWith(';')) throw new UnknownEntity(whole);
    if (name !== undefined) {
      const known = Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined;
      if (known === undefined) throw new UnknownEntity(whole);
      return known;
    }
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16);
    if (!isXmlCharacter(code)) throw new UnknownEntity(whole);
    return String.fromCodePoint(code);
  });
}

/** XML 1.0, production 2: no NUL, no control characters but tab and line ends, no surrogates. */
function isXmlCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

/** Escapes for an attribute in single quotes. */
export function escapeAttribute(text: string): string {
  // Nearly every value needs nothing.
  if (!/[&<>'"\n\t\r]/.test(text)) return text;
  return escapeText(text)
    .replaceAll("'", '&apos;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;');
}

/** Escapes character data. */
export function escapeText(text: string): string {
  if (!/[&<>\r]/.test(text)) return text;
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
