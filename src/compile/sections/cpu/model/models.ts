import { once } from '../../../../lazy/index.ts';
import { CPU_MODELS } from '../tables.generated.ts';
import type { FeatureSet } from './feature-set.ts';

/** A named CPU model in libvirt's words. */
export interface CpuModel {
  readonly name: string;
  readonly vendor: string | undefined;
  /** `family:model` of the CPUs that it stands for. */
  readonly signatures: readonly string[];
  /** It may be chosen to stand for a host's CPU. */
  readonly standsForHost: boolean;
  /** Whether a host can run it is told from its features; of all others QEMU says what it lacks here. */
  readonly checkedByFeatures: boolean;
  /** Without features that were added to the table later: a CPU without those can still be this model. */
  readonly base: FeatureSet;
  readonly features: FeatureSet;
  /** What it had once and has no more: QEMU's model of that name may still have it. */
  readonly removed: FeatureSet;
}

type Content = Pick<CpuModel, 'base' | 'features'>;

/** Every model, in the table's order. */
export const allModels = once((): readonly CpuModel[] => {
  const contents = new Map<string, Content>();
  return CPU_MODELS.trim()
    .split('\n')
    .map((line) => {
      const [name = '', vendor, signatures = '-', flags = '', ...content] = line.split(' ');
      const same = contents.get(content[0]?.slice(1) ?? '') ?? contentOf(content);
      contents.set(name, same);
      return {
        name,
        vendor: vendor === '-' ? undefined : vendor,
        signatures: signatures === '-' ? [] : signatures.split(','),
        standsForHost: flags.startsWith('+'),
        checkedByFeatures: !flags.endsWith('q'),
        removed: BigInt(`0x${content.at(-1) ?? 0}`),
        ...same,
      };
    });
});

/** Whether libvirt knows the model and nothing was taken from it: this costs no decoding of the table. */
export function isWholeModel(name: string): boolean {
  const start = CPU_MODELS.indexOf(`\n${name} `) + 1;
  if (start === 0) return false;
  return CPU_MODELS.slice(start, CPU_MODELS.indexOf('\n', start)).endsWith(' 0');
}

function contentOf([features = '0', added = '0']: readonly string[]): Content {
  const all = BigInt(`0x${features}`);
  return { features: all, base: all & ~BigInt(`0x${added}`) };
}
