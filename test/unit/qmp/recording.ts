import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The recorded QEMU 7.2 (Debian 12), made by scripts/record-qemu.ts. */
export function recordedTranscript(): string {
  const recording = new URL('../../../fixtures/recordings/qemu-7.2-x86_64.replies.gz', import.meta.url);
  return gunzipSync(readFileSync(recording)).toString();
}
