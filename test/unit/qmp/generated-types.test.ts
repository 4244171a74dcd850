import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { printQmpTypes } from '../../../scripts/qmp-types.ts';
import { capsFromTranscript } from '../../../src/qmp/capabilities/transcript.ts';
import { recordedTranscript } from './recording.ts';

it('the generated QMP types are those of the recorded QEMU (npx tsx scripts/generate-qmp-types.ts)', () => {
  const file = new URL('../../../src/qmp/types.generated.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(printQmpTypes(capsFromTranscript(recordedTranscript())));
});
