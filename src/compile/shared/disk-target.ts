/** A disk's target name taken apart: `vdb1` is prefix `vd`, index 1, partition 1. */
export interface DiskTarget {
  readonly prefix: 'fd' | 'hd' | 'vd' | 'sd' | 'xvd' | 'ubd';
  /** `a` is 0, `z` 25, `aa` 26. */
  readonly index: number;
  /** The digits after the letters, which name a partition. */
  readonly partition?: number | undefined;
}

const NAME = /^(?:ioemu:)?(fd|hd|vd|sd|xvd|ubd)([a-z]+)([0-9]*)$/;

/** Indexes beyond this do not fit libvirt's number for a disk (an int), so their names are not names of disks. */
const MAX_INDEX = 2 ** 31 - 1;

/** Reads a target name; undefined if it is none (schema: `diskTargetDev`). */
export function parseDiskTarget(dev: string): DiskTarget | undefined {
  const match = NAME.exec(dev);
  if (match === null) return undefined;
  const [, prefix, letters = '', digits = ''] = match;
  let count = 0;
  for (const letter of letters) count = count * 26 + (letter.charCodeAt(0) - 96);
  if (count - 1 > MAX_INDEX) return undefined;
  return {
    prefix: prefix as DiskTarget['prefix'],
    index: count - 1,
    ...(digits !== '' && { partition: Number(digits) }),
  };
}
