import { describe, expect, it } from 'vitest';
import { QmpProtocolError } from '../../../src/qmp/errors.ts';
import { MessageDecoder, parseMessage } from '../../../src/qmp/framing.ts';

const decode = (decoder: MessageDecoder, bytes: Uint8Array | string): unknown[] =>
  [...decoder.push(Buffer.from(bytes))].map(parseMessage);

describe('MessageDecoder', () => {
  it('skips blank lines and takes both line ends', () => {
    expect(decode(new MessageDecoder(), '\r\n{"a":1}\r\n\n{"b":2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('gives the messages before a broken one', () => {
    const lines = new MessageDecoder().push(Buffer.from('{"a":1}\nnonsense\n'));
    expect(parseMessage(lines.next().value as Uint8Array)).toEqual({ a: 1 });
    expect(() => parseMessage(lines.next().value as Uint8Array)).toThrow(/not JSON: "nonsense"/);
  });

  it('refuses what is no UTF-8', () => {
    expect(() => decode(new MessageDecoder(), Uint8Array.of(0x22, 0xc3, 0x28, 0x22, 0x0a))).toThrow(
      /not UTF-8/,
    );
    expect(() => decode(new MessageDecoder(), Uint8Array.of(0xff, 0x0a))).toThrow(QmpProtocolError);
  });

  it('refuses a message beyond the limit before its end has come', () => {
    const decoder = new MessageDecoder({ maxMessageBytes: 10 });
    expect(decode(decoder, '"12345678"\n')).toEqual(['12345678']);
    expect(decode(decoder, '"1234')).toEqual([]);
    expect(() => decode(decoder, '567890')).toThrow(/longer than 10 bytes/);
  });

  it('drops half a message at a resync byte', () => {
    let resyncs = 0;
    const decoder = new MessageDecoder({ onResync: () => resyncs++ });
    const bytes = Buffer.concat([Buffer.from('{"half'), Buffer.of(0xff), Buffer.from('{"return":1}\n')]);
    expect(decode(decoder, bytes)).toEqual([{ return: 1 }]);
    expect(resyncs).toBe(1);
  });
});
