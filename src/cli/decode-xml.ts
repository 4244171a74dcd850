import { fail } from '../errors/index.ts';
import { cliErrors } from './errors.ts';

/** `encoding='…'` of an XML declaration, whose characters are the same in all encodings that have it. */
const DECLARED = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/;
/** The longest declaration that anybody writes. */
const DECLARATION_BYTES = 256;

/**
 * The text of an XML document, in the encoding that it begins with or declares; UTF-8 unless it says otherwise. Bytes that are
 * no text in it are refused: a path with other characters than the ones that were written is another file.
 * @throws QdomError `cli/bad-encoding`
 */
export function decodeXml(bytes: Buffer, file?: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    const isUnknown = cause instanceof RangeError;
    const problem = isUnknown ? `its encoding '${encoding}' is not known` : notAll(encoding, bytes);
    throw fail(cliErrors['bad-encoding'], { problem }, { cause, where: file === undefined ? {} : { file } });
  }
}

function encodingOf(bytes: Buffer): string {
  const start = bytes.subarray(0, DECLARATION_BYTES).toString('latin1');
  if (start.startsWith('\xff\xfe') || start.startsWith('<\0')) return 'UTF-16LE';
  if (start.startsWith('\xfe\xff') || start.startsWith('\0<')) return 'UTF-16BE';
  const declared = DECLARED.exec(start)?.[1];
  // What can be read so far is not UTF-16, whatever it says.
  return declared === undefined || /^(?:UTF|UCS)-?(?:16|32|4)/i.test(declared) ? 'UTF-8' : declared;
}

/** With the line of the first bytes that are no text. */
function notAll(encoding: string, bytes: Buffer): string {
  const [before = ''] = new TextDecoder(encoding).decode(bytes).split('\ufffd', 1);
  return `line ${before.split('\n').length} is not ${encoding}`;
}
