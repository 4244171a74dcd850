import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeMessage, MessageDecoder, parseMessage } from '../../src/qmp/framing.ts';

const message = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }));

it('any messages, cut into any chunks, come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(message), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (messages, sizes) => {
      const bytes = Buffer.concat(messages.map(encodeMessage));
      const decoder = new MessageDecoder();
      const decoded: unknown[] = [];
      let at = 0;
      for (const size of sizes) {
        if (at >= bytes.length) break;
        for (const line of decoder.push(bytes.subarray(at, at + size))) decoded.push(parseMessage(line));
        at += size;
      }
      expect(decoded).toEqual(JSON.parse(JSON.stringify(messages)));
      expect(decoder.bufferedBytes).toBe(0);
    }),
  );
});

it('no bytes make the decoder throw anything but a protocol error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (chunks) => {
      const decoder = new MessageDecoder({ maxMessageBytes: 50 });
      try {
        for (const chunk of chunks) for (const line of decoder.push(chunk)) parseMessage(line);
      } catch (error) {
        expect(error).toHaveProperty('name', 'QmpProtocolError');
      }
    }),
  );
});
