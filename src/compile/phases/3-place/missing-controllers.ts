import { CAUSE, SOURCE, type Sourced, type XmlElement } from '../../../xml/index.ts';
import type { ControllerXml } from '../../devices/controller/schema.ts';
import type { ParsedDomain } from '../../domain.ts';

type Type = ControllerXml['type'];

/** A controller to add, for the sake of a device. */
export interface Missing extends Sourced {
  readonly type: Type;
  readonly index: number;
}

type Causes = Map<number, XmlElement | undefined>;

/** Controllers that addresses name and that nobody wrote. */
export class MissingControllers {
  readonly #present = new Map<Type, Set<number>>();
  readonly #wanted = new Map<Type, Causes>();

  constructor(domain: ParsedDomain) {
    for (const { type, index } of domain.devices.controller)
      if (index !== undefined) this.#indexesOf(type).add(index);
  }

  /** Notes that a device sits on a controller; the first one that does is why the controller is there. */
  want(type: Type, index: number, device: Sourced): void {
    const causes = this.#causesOf(type);
    if (!causes.has(index)) causes.set(index, device[SOURCE]);
  }

  /** What is missing of a type, by index. */
  of(type: Type): readonly Missing[] {
    const wanted = [...this.#causesOf(type).keys()].sort((a, b) => a - b);
    return this.#missing(type, wanted);
  }

  /** The same, and all controllers with lower indexes, for the same reason as the next: types of which libvirt leaves no gaps. */
  withoutGaps(type: Type): readonly Missing[] {
    const highest = Math.max(-1, ...this.#causesOf(type).keys());
    return this.#missing(
      type,
      Array.from({ length: highest + 1 }, (_, index) => index),
    );
  }

  #missing(type: Type, indexes: readonly number[]): readonly Missing[] {
    const causes = [...this.#causesOf(type)].sort(([a], [b]) => a - b);
    const present = this.#indexesOf(type);
    return indexes
      .filter((index) => !present.has(index))
      .map((index) => ({ type, index, [CAUSE]: causes.find(([wanted]) => wanted >= index)?.[1] }));
  }

  #indexesOf(type: Type): Set<number> {
    const known = this.#present.get(type) ?? new Set();
    this.#present.set(type, known);
    return known;
  }

  #causesOf(type: Type): Causes {
    const known = this.#wanted.get(type) ?? new Map();
    this.#wanted.set(type, known);
    return known;
  }
}
