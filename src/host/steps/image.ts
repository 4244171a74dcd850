import type { ImageRequirement } from '../../plan/index.ts';
import { fileResource } from '../file-claim.ts';
import { type HostStep, NOTHING_DONE, type StepRecord } from './step.ts';

/** A disk image that the machine writes: nobody else's, unless all who have it share it. One that is only read is everybody's who reads. Nothing is done to the file itself. */
export const imageStep: HostStep<ImageRequirement, StepRecord> = {
  ...NOTHING_DONE,
  type: 'image',
  describe: ({ path, isShared, isReadOnly }) => ({
    act: isReadOnly
      ? `take the image '${path}' with others who only read it`
      : `take the image '${path}' ${isShared ? 'with others who share it' : 'for this machine alone'}`,
    undo: 'it is given back',
  }),
  // Of two names of one file, both are this one.
  owns: ({ path, isShared, isReadOnly = false }, host) => [
    { resource: fileResource(path, host), isShared: isShared || isReadOnly, isReadOnly },
  ],
  async check() {},
};
