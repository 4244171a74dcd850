/** Ports of QEMU's `usb-hub`. */
export const HUB_PORTS = 8;
/** Hubs behind each other, with the device at the end: QEMU's paths have four numbers. */
const DEEPEST = 4;

/** The ports of one hub, or of a controller itself; a port holds nothing, a device, or another hub. */
interface Ports {
  readonly children: (Ports | 'device' | undefined)[];
}

export type Trouble =
  | { readonly kind: 'no-port' }
  | { readonly kind: 'no-hub'; readonly hub: string }
  | { readonly kind: 'in-use' };

function emptyPorts(count: number): Ports {
  return { children: new Array(count).fill(undefined) };
}

/** The ports of one USB controller and of the hubs on it, while they are given out. */
export class UsbBus {
  readonly #root: Ports;
  #freeCount: number;

  constructor(portCount: number) {
    this.#root = emptyPorts(portCount);
    this.#freeCount = portCount;
  }

  get freeCount(): number {
    return this.#freeCount;
  }

  /** Takes a written port (`1.2`); what is in the way, if anything is. */
  take(path: string, isHub: boolean): Trouble | undefined {
    const steps = path.split('.').map(Number);
    let at = this.#root;
    for (const [depth, step] of steps.entries()) {
      if (step < 1 || step > at.children.length) return { kind: 'no-port' };
      const child = at.children[step - 1];
      if (depth === steps.length - 1) {
        if (child !== undefined) return { kind: 'in-use' };
        this.#put(at, step - 1, isHub);
      } else {
        if (child === undefined || child === 'device')
          return { kind: 'no-hub', hub: steps.slice(0, depth + 1).join('.') };
        at = child;
      }
    }
    return undefined;
  }

  /** Takes the next free port: of the controller itself, then of its hubs, each with what hangs on it. */
  takeNext(isHub: boolean): string | undefined {
    return this.#freeCount === 0 ? undefined : this.#takeNextOf(this.#root, [], isHub);
  }

  #takeNextOf(ports: Ports, path: readonly number[], isHub: boolean): string | undefined {
    const free = ports.children.indexOf(undefined);
    if (free >= 0) {
      this.#put(ports, free, isHub);
      return [...path, free + 1].join('.');
    }
    if (path.length + 1 >= DEEPEST) return undefined;
    for (const [index, child] of ports.children.entries()) {
      if (child === undefined || child === 'device') continue;
      const found = this.#takeNextOf(child, [...path, index + 1], isHub);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #put(ports: Ports, index: number, isHub: boolean): void {
    ports.children[index] = isHub ? emptyPorts(HUB_PORTS) : 'device';
    this.#freeCount += isHub ? HUB_PORTS - 1 : -1;
  }
}
