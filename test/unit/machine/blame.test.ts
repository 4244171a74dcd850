import { describe, expect, it } from 'vitest';
import { blame } from '../../../src/machine/blame.ts';
import { jsonOption, keysOption, type Plan, plainOption, type QemuOption } from '../../../src/plan/index.ts';

const place = (line: number) => ({ path: `/domain/x[${line}]`, at: { line, column: 1, offset: 0 } });
const options: readonly QemuOption[] = [
  keysOption('-device', [[null, 'a']], place(1)),
  jsonOption('-device', { driver: 'a', id: 'b' }, place(2)),
  jsonOption('-netdev', { type: 'tap', fd: { fd: 'net0-tap0' } }, place(3)),
];
const blamed = (log: string, status?: number) =>
  blame({ options } as unknown as Plan, log, {
    status,
    printFd: () => '7',
    userOf: (i) => `whoever has ${i}`,
  }).diagnostics;

describe("QEMU's complaint", () => {
  it('is told in its own words, with the place of the option that it repeats', () => {
    const [first] = blamed('qemu-system-x86_64: -device {"driver":"a","id":"b"}: no such bus\n', 1);
    expect(first).toMatchObject({ message: '-device {"driver":"a","id":"b"}: no such bus', ...place(2) });
  });

  it('is told without the time that QEMU puts before it', () => {
    const [first] = blamed('2026-01-02T03:04:05.678901Z qemu-system-x86_64: -device a: no such bus\n', 1);
    expect(first).toMatchObject({ message: '-device a: no such bus', ...place(1) });
  });

  it('is found by the descriptor numbers that QEMU saw', () => {
    const [first] = blamed('qemu: -netdev {"type":"tap","fd":"7"}: bad fd\n', 1);
    expect(first).toMatchObject(place(3));
  });

  it('comes before warnings, and every line of it is told', () => {
    const all = blamed('qemu: warning: slow\nqemu: first\nqemu: second\n', 1);
    expect(all.map((d) => d.message)).toEqual(['first', 'second']);
  });

  it('is short, however much is written: each line once, the first and the last', () => {
    const told = (log: string) => blamed(log, 1).map((d) => d.message);
    const time = (second: number) => `2026-01-02T03:04:0${second}.678901Z `;
    expect(told(`${time(1)}qemu: a\nqemu: b\n${time(2)}qemu: a\n`)).toEqual(['a', 'b']);
    const flood = Array.from({ length: 100_000 }, (_, i) => `qemu: complaint ${i}\n`).join('');
    const all = told(`${flood}qemu: -device a: fatal\n`);
    expect(all).toHaveLength(10);
    expect(all.slice(0, 2)).toEqual(['complaint 0', 'complaint 1']);
    expect(all.at(-1)).toBe('-device a: fatal');
  });

  it('is found where option and value were two words of the user', () => {
    const words = [plainOption('-device', undefined, place(4)), plainOption('x,id=y', undefined, place(5))];
    const log = 'char device redirected to /dev/pts/3 (label serial0)\nqemu: -device x,id=y: no\n';
    const [first] = blame({ options: words } as unknown as Plan, log, {
      status: 1,
      printFd: () => '',
      userOf: () => '',
    }).diagnostics;
    expect(first).toMatchObject({ message: '-device x,id=y: no', ...place(4) });
  });

  it('of an image that somebody else has locked says who', () => {
    const log = `qemu: -device a: Failed to get shared "write" lock
Is another process using the image [/images/a b.img]?\n`;
    expect(blamed(log, 1)).toEqual([
      expect.objectContaining({
        code: 'machine/image-locked',
        message: "the image '/images/a b.img' is in use by whoever has /images/a b.img",
        ...place(1),
      }),
    ]);
  });

  it('of a part that names itself is found by it', () => {
    const tpm = keysOption('-tpmdev', [[null, 'emulator']], place(6));
    const log = 'qemu-system-x86_64: tpm-emulator: TPM result for CMD_INIT: 0x101 operation failed\n';
    const context = { status: 1, printFd: () => '', userOf: () => '' };
    const [first] = blame({ options: [...options, tpm] } as unknown as Plan, log, context).diagnostics;
    expect(first).toMatchObject(place(6));
  });

  it('that never came is told as such', () => {
    expect(blamed('', 1)[0]?.message).toBe('QEMU ended with status 1 without a word');
    expect(blamed('', 139)[0]?.message).toBe('QEMU was ended by SIGSEGV without a word');
    expect(blamed('', 178)[0]?.message).toBe('QEMU was ended by signal 50 without a word');
    expect(blamed('qemu: warning: slow\n', 137)[0]?.message).toMatch(/^QEMU was ended by SIGKILL /);
    expect(blamed('')[0]?.message).toBe('QEMU ended without a word');
  });
});
