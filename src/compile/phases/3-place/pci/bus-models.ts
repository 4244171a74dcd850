import type { PciModel } from '../../../devices/controller/model.ts';

/** What fits into a slot: an endpoint of one of three kinds, or a bridge or port of one model. */
export type Plug = 'conventional' | 'express' | 'integrated' | Exclude<PciModel, 'pci-root' | 'pcie-root'>;

/** What a PCI controller offers on the side that is away from the processor. */
export interface BusModel {
  readonly firstSlot: number;
  readonly lastSlot: number;
  /** What is put here without being told to. */
  readonly takes: ReadonlySet<Plug>;
  /** What may be put here by a written address. */
  readonly allows: ReadonlySet<Plug>;
}

const ENDPOINTS: readonly Plug[] = ['conventional', 'express', 'integrated'];

function bus(
  slots: readonly [number, number],
  takes: readonly Plug[],
  alsoAllows: readonly Plug[] = [],
): BusModel {
  return {
    firstSlot: slots[0],
    lastSlot: slots[1],
    takes: new Set(takes),
    allows: new Set([...takes, ...alsoAllows]),
  };
}

const PORT: BusModel = bus(
  [0, 0],
  ['express', 'pcie-switch-upstream-port', 'pcie-to-pci-bridge'],
  [...ENDPOINTS, 'pci-bridge'],
);

/**
 * Format: "Controllers". Endpoints that can be hot-plugged are not put where nothing can be, so the root of PCI Express takes
 * none of its own accord; slot 0 of a bus with a hot-plug controller is that controller.
 */
export const BUS_MODELS: Readonly<Record<PciModel, BusModel>> = {
  'pci-root': bus([1, 31], ['conventional', 'pci-bridge', 'pci-expander-bus'], ENDPOINTS),
  'pci-bridge': bus([1, 31], ['conventional', 'pci-bridge'], ENDPOINTS),
  'pci-expander-bus': bus([0, 31], ['pci-bridge'], ENDPOINTS),
  'pcie-root': bus(
    [1, 31],
    ['integrated', 'pcie-root-port', 'dmi-to-pci-bridge', 'pcie-expander-bus'],
    [...ENDPOINTS, 'pci-bridge'],
  ),
  'dmi-to-pci-bridge': bus([0, 31], ['pci-bridge'], ENDPOINTS),
  'pcie-to-pci-bridge': bus([1, 31], ['conventional', 'pci-bridge'], ENDPOINTS),
  'pcie-root-port': PORT,
  'pcie-switch-downstream-port': PORT,
  'pcie-switch-upstream-port': bus([0, 31], ['pcie-switch-downstream-port']),
  'pcie-expander-bus': bus([0, 31], ['pcie-root-port', 'dmi-to-pci-bridge']),
};

/** Plugs that can be several functions of one slot: eight ports share a slot so that thirty slots go further. */
export function sharesSlot(plug: Plug): boolean {
  return plug === 'pcie-root-port';
}
