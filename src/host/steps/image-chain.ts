import { fail, type QdomError } from '../../errors/index.ts';
import type { ImageChainProblem, ImageChainRequirement } from '../../plan/index.ts';
import { imageErrors } from '../images/errors.ts';
import { type HostStep, NOTHING_DONE, type StepRecord } from './step.ts';

/** The images that a disk is based on, found before the start: they must be there, and be known to the end. Nothing is done to them. */
export const imageChainStep: HostStep<ImageChainRequirement, StepRecord> = {
  ...NOTHING_DONE,
  type: 'image-chain',
  describe: ({ device, images }) => ({
    act: `read the images of '${device}': ${images.map((image) => `'${image}'`).join(', based on ')}`,
    undo: 'nothing was changed',
  }),
  async check({ device, images, problem }, host) {
    if (problem !== undefined) throw refusal(device, images, problem);
    const image = images.find((path) => host.status(path) === undefined);
    if (image !== undefined) throw refusal(device, images, { kind: 'missing', image });
  },
};

function refusal(device: string, images: readonly string[], problem: ImageChainProblem): QdomError {
  const chain = images.length < 2 ? '' : ` (${images.join(' ← ')})`;
  switch (problem.kind) {
    case 'missing':
      return fail(imageErrors['image-missing'], { device, image: problem.image, chain });
    case 'loop':
      return fail(imageErrors['image-loop'], { device, image: problem.image, chain });
    case 'encrypted':
      return fail(imageErrors['backing-encrypted'], { device, image: problem.image, chain });
    case 'unreadable':
      return fail(imageErrors['image-unreadable'], { device, ...problem, chain });
    case 'format':
      return fail(imageErrors['backing-format'], { device, ...problem, chain });
    case 'elsewhere':
      return fail(imageErrors['backing-elsewhere'], { device, ...problem, chain });
    case 'depth':
      return fail(imageErrors['chain-too-long'], { device, most: problem.most });
  }
}
