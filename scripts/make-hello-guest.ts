/**
 * Writes `examples/hello.img`: a disk with a boot sector that greets on the first serial port and powers off. It is all of the
 * demo's guest, so nothing has to be downloaded.
 *   npx tsx scripts/make-hello-guest.ts
 */
import { writeFileSync } from 'node:fs';

const GREETING = '\r\nHello from a guest without libvirtd: 512 bytes, started by qdom.\r\n\r\n';
const ORIGIN = 0x7c00;
const SECTOR_BYTES = 512;
/** SeaBIOS does not boot from a disk that has less than a cylinder. */
const DISK_BYTES = 512 * 1024;

/** 16-bit code, one instruction a line. */
const CODE: readonly number[] = [
  0xfc, //                   cld
  ...[0x31, 0xc0], //        xor  ax, ax
  ...[0x8e, 0xd8], //        mov  ds, ax
  ...[0xbe, 0, 0], //        mov  si, greeting
  0xac, //             next: lodsb
  ...[0x84, 0xc0], //        test al, al
  ...[0x74, 0x11], //        jz   off
  ...[0x88, 0xc4], //        mov  ah, al
  ...[0xba, 0xfd, 0x03], //  mov  dx, 0x3fd        the line status register of COM1
  0xec, //             wait: in   al, dx
  ...[0xa8, 0x20], //        test al, 0x20         until it can take a character
  ...[0x74, 0xfb], //        jz   wait
  ...[0xb2, 0xf8], //        mov  dl, 0xf8
  ...[0x88, 0xe0], //        mov  al, ah
  0xee, //                   out  dx, al
  ...[0xeb, 0xea], //        jmp  next
  ...[0xba, 0x04, 0x06], // off: mov dx, 0x604     the ACPI control register, where SeaBIOS puts it
  ...[0xb8, 0x00, 0x20], //  mov  ax, 0x2000       sleep: S5
  0xef, //                   out  dx, ax
  0xf4, //             halt: hlt
  ...[0xeb, 0xfd], //        jmp  halt
];

const disk = Buffer.alloc(DISK_BYTES);
disk.set(CODE);
disk.writeUInt16LE(ORIGIN + CODE.length, 6);
disk.write(`${GREETING}\0`, CODE.length, 'latin1');
disk.writeUInt16LE(0xaa55, SECTOR_BYTES - 2);
writeFileSync(new URL('../examples/hello.img', import.meta.url), disk);
