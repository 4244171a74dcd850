import { once } from '../../../../lazy/index.ts';
import { CPU_FEATURES } from '../tables.generated.ts';

/** A set of CPU features as bits, by their positions in the table. */
export type FeatureSet = bigint;

export interface Feature {
  readonly name: string;
  /** Its property of QEMU's CPUs. */
  readonly property: string;
  readonly isMigratable: boolean;
  readonly bit: FeatureSet;
}

/** The features that libvirt knows, by name; made anew for each domain that needs them. */
export class FeatureTable {
  readonly all: readonly Feature[];
  readonly #byName: ReadonlyMap<string, Feature>;

  constructor() {
    this.all = CPU_FEATURES.split(' ').map((entry, position) => {
      const [, name = '', property = name.replaceAll('_', '-'), fixed] =
        /^([^=!]+)(?:=([^!]+))?(!)?$/.exec(entry) ?? [];
      return { name, property, isMigratable: fixed === undefined, bit: 1n << BigInt(position) };
    });
    this.#byName = new Map(this.all.map((feature) => [feature.name, feature]));
  }

  find(name: string): Feature | undefined {
    return this.#byName.get(name);
  }

  /** The set of those for which the question is answered by yes. */
  setOf(question: (feature: Feature) => boolean): FeatureSet {
    return this.all.reduce((set, feature) => (question(feature) ? set | feature.bit : set), 0n);
  }

  /** Those of a set, in the table's order: by CPUID leaf, then MSR. */
  listOf(set: FeatureSet): readonly Feature[] {
    return this.all.filter((feature) => (set & feature.bit) !== 0n);
  }
}

/** The table, decoded when it is first needed. */
export const featureTable = once(() => new FeatureTable());

/** How many features a set has. */
export function count(set: FeatureSet): number {
  let ones = 0;
  for (const digit of set.toString(2)) if (digit === '1') ones++;
  return ones;
}
