/** What the guest does after its greeting. */
export type GuestBehaviour =
  /** Waits for the power button, then powers off by ACPI. */
  | 'wait'
  | 'poweroff'
  | 'reset'
  /** Tells the pvpanic device that it has panicked. */
  | 'panic'
  /** Sends back what comes on the serial line. */
  | 'echo';

export const GREETING = 'qdom guest is here\r\n';

const ORIGIN = 0x7c00;
const SECTOR_BYTES = 512;

/** Writes SLP_EN into the PM1 control register, at the place where SeaBIOS puts it on pc and q35. */
const POWER_OFF = [0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4, 0xeb, 0xfd];
const HALT = [0xf4, 0xeb, 0xfd];

const CODE: Readonly<Record<GuestBehaviour, readonly number[]>> = {
  poweroff: POWER_OFF,
  // The power button's enable bit at 0x602, its status bit at 0x600; the timer's interrupt ends each hlt.
  wait: [
    ...[0xba, 0x02, 0x06, 0xb8, 0x00, 0x01, 0xef, 0xfb],
    ...[0xf4, 0xba, 0x00, 0x06, 0xed, 0xf6, 0xc4, 0x01, 0x74, 0xf6],
    ...POWER_OFF,
  ],
  // The reset control register of PIIX3 and ICH9.
  reset: [0xb0, 0x06, 0xba, 0xf9, 0x0c, 0xee, ...HALT],
  panic: [0xb0, 0x01, 0xba, 0x05, 0x05, 0xee, ...HALT],
  // COM1: a byte is there when bit 0 of the line status is set.
  echo: [
    0xfb, 0xf4, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf6, 0xba, 0xf8, 0x03, 0xec, 0xee, 0xeb, 0xef,
  ],
};

/** Prints the zero-terminated text at the address that is filled in, on COM1. */
function greet(textAddress: number): number[] {
  return [
    ...[0x31, 0xc0, 0x8e, 0xd8],
    ...[0xbe, textAddress & 0xff, textAddress >> 8],
    ...[0xac, 0x84, 0xc0, 0x74, 0x10],
    ...[0x50, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xfb, 0x58],
    ...[0xba, 0xf8, 0x03, 0xee, 0xeb, 0xeb],
  ];
}

/** A guest of 512 bytes: a disk image that greets on the first serial line. */
export function bootSector(behaviour: GuestBehaviour): Buffer {
  const codeBytes = greet(0).length + CODE[behaviour].length;
  const program = [...greet(ORIGIN + codeBytes), ...CODE[behaviour]];
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector.set(program, 0);
  sector.write(`${GREETING}\0`, codeBytes, 'latin1');
  sector.set([0x55, 0xaa], SECTOR_BYTES - 2);
  return sector;
}
