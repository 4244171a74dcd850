/**
 * Writes src/qmp/types.generated.ts from the introspection schema of a recorded QEMU:
 *
 *     npx tsx scripts/generate-qmp-types.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { capsFromTranscript } from '../src/qmp/capabilities/transcript.ts';
import { printQmpTypes } from './qmp-types.ts';

const recording = new URL('../fixtures/recordings/qemu-7.2-x86_64.replies.gz', import.meta.url);
const output = new URL('../src/qmp/types.generated.ts', import.meta.url);
const caps = capsFromTranscript(gunzipSync(readFileSync(recording)).toString());
writeFileSync(output, printQmpTypes(caps));
