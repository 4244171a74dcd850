/**
 * Records what a QEMU says it can do, for tests and for the generated QMP types:
 *
 *     npx tsx scripts/record-qemu.ts /usr/bin/qemu-system-x86_64 fixtures/recordings/qemu-7.2-x86_64.replies.gz
 *
 * Made as an ordinary user, or where /dev/kvm opens with the KVM half too.
 */
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { recordTranscript } from '../src/qmp/capabilities/probe.ts';

const [binary, output] = process.argv.slice(2);
if (binary === undefined || output === undefined)
  throw new Error('usage: record-qemu.ts BINARY OUTPUT.replies.gz');
writeFileSync(output, gzipSync(await recordTranscript(binary), { level: 9 }));
