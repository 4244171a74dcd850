import { constants } from 'node:fs';
import { checked, type Libc } from './ffi.ts';

/** Devices that may be opened for reading and writing: one, or all of a driver. */
export interface DeviceRule {
  readonly kind: 'b' | 'c';
  readonly major: number;
  readonly minor?: number;
}

/** `c 10:232 rw`, as the devices controller of version 1 takes it (kernel: cgroup-v1/devices). */
export function printRule({ kind, major, minor }: DeviceRule): string {
  return `${kind} ${major}:${minor ?? '*'} rw`;
}

/** linux/bpf.h */
const PROG_LOAD = 5;
const PROG_ATTACH = 8;
const PROG_TYPE_CGROUP_DEVICE = 15;
const CGROUP_DEVICE = 6;
const ALLOW_MULTI = 2;
const DEVICE_TYPE = { b: 1, c: 2 } as const;
const READ_AND_WRITE = 2 | 4;
/** The number of bpf(2), by Node's name of the host's processor. */
const SYS_BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

const LOAD_WORD = 0x61;
const MOVE = 0xb7;
const MOVE_REGISTER = 0xbf;
const AND = 0x57;
const SHIFT_RIGHT = 0x77;
const JUMP_IF_NOT = 0x55;
const JUMP_IF_ANY_OF = 0x45;
const EXIT = 0x95;
const INSTRUCTION_BYTES = 8;
/** Where `struct bpf_cgroup_dev_ctx` has its members. */
const ACCESS_TYPE = 0;
const MAJOR = 4;
const MINOR = 8;

interface Instruction {
  readonly code: number;
  readonly to: number;
  readonly from?: number;
  readonly offset?: number;
  readonly value?: number;
}

/** A program that says yes to what is allowed; it looks at type, major and minor in registers 2, 3 and 4, at the access in 5. */
function deviceProgram(rules: readonly DeviceRule[]): Buffer {
  const instructions: readonly Instruction[] = [
    { code: LOAD_WORD, to: 2, from: 1, offset: ACCESS_TYPE },
    { code: MOVE_REGISTER, to: 5, from: 2 },
    { code: AND, to: 2, value: 0xffff },
    { code: SHIFT_RIGHT, to: 5, value: 16 },
    { code: LOAD_WORD, to: 3, from: 1, offset: MAJOR },
    { code: LOAD_WORD, to: 4, from: 1, offset: MINOR },
    // mknod is nobody's.
    { code: MOVE, to: 0, value: 0 },
    { code: AND, to: 5, value: ~READ_AND_WRITE },
    {
      code: JUMP_IF_ANY_OF,
      to: 5,
      value: 0xffff,
      offset: rules.reduce((all, rule) => all + lengthOf(rule), 1),
    },
    ...rules.flatMap(instructionsOf),
    { code: MOVE, to: 0, value: 0 },
    { code: EXIT, to: 0 },
  ];
  const program = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  instructions.forEach(({ code, to, from = 0, offset = 0, value = 0 }, index) => {
    const at = index * INSTRUCTION_BYTES;
    program.writeUInt8(code, at);
    program.writeUInt8((from << 4) | to, at + 1);
    program.writeInt16LE(offset, at + 2);
    program.writeInt32LE(value, at + 4);
  });
  return program;
}

function lengthOf(rule: DeviceRule): number {
  return instructionsOf(rule).length;
}

/** Goes past itself unless all of it fits. */
function instructionsOf({ kind, major, minor }: DeviceRule): readonly Instruction[] {
  const tests = [
    { to: 2, value: DEVICE_TYPE[kind] },
    { to: 3, value: major },
    ...(minor === undefined ? [] : [{ to: 4, value: minor }]),
  ];
  return [
    ...tests.map((test, index) => ({ code: JUMP_IF_NOT, ...test, offset: tests.length - index + 1 })),
    { code: MOVE, to: 0, value: 1 },
    { code: EXIT, to: 0 },
  ];
}

const ATTRIBUTE_BYTES = 128;

/**
 * Allows a group of version 2 these devices and no others (kernel: cgroup-v2 "Device controller"). It ends with the group.
 * @throws NodeJS.ErrnoException, EPERM without CAP_BPF or CAP_NET_ADMIN.
 */
export function attachDeviceRules(libc: Libc, group: string, rules: readonly DeviceRule[]): void {
  const code = deviceProgram(rules);
  const license = Buffer.from('Apache-2.0\0');
  const load = Buffer.alloc(ATTRIBUTE_BYTES);
  load.writeUInt32LE(PROG_TYPE_CGROUP_DEVICE, 0);
  load.writeUInt32LE(code.length / INSTRUCTION_BYTES, 4);
  load.writeBigUInt64LE(libc.address(code), 8);
  load.writeBigUInt64LE(libc.address(license), 16);
  const bpf = (command: number, attributes: Buffer) =>
    checked(
      libc,
      'bpf',
      libc.syscall(SYS_BPF[process.arch] ?? -1, command, attributes, ATTRIBUTE_BYTES),
      group,
    );
  const program = bpf(PROG_LOAD, load);
  const directory = libc.open(group, constants.O_RDONLY);
  try {
    checked(libc, 'open', directory, group);
    const attach = Buffer.alloc(ATTRIBUTE_BYTES);
    new Uint32Array(attach.buffer, attach.byteOffset).set([directory, program, CGROUP_DEVICE, ALLOW_MULTI]);
    bpf(PROG_ATTACH, attach);
  } finally {
    if (directory >= 0) libc.close(directory);
    libc.close(program);
  }
}
