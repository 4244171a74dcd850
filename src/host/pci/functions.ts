import type { HostSystem } from '../system.ts';

/** Documentation/ABI/testing/sysfs-bus-pci. */
const FUNCTIONS = '/sys/bus/pci/devices';
const GROUPS = '/sys/kernel/iommu_groups';

/** Where sysfs has a PCI function, `0000:06:12.1`. */
export function functionDirectory(address: string): string {
  return `${FUNCTIONS}/${address}`;
}

/** The PCI functions of the host, by address. */
export function pciFunctions(host: HostSystem): readonly string[] {
  return [...host.listDirectory(FUNCTIONS)].sort();
}

export function isThere(host: HostSystem, address: string): boolean {
  return host.status(functionDirectory(address)) !== undefined;
}

/** A function's file without white space around it; undefined where there is none. */
export function functionText(host: HostSystem, address: string, file: string): string | undefined {
  return host.readText(`${functionDirectory(address)}/${file}`)?.trim();
}

/** The last part of where a function's link leads: its driver's name, its group's number, another function. */
function functionLink(host: HostSystem, address: string, link: string): string | undefined {
  return host
    .readLink(`${functionDirectory(address)}/${link}`)
    ?.split('/')
    .at(-1);
}

export function driverOf(host: HostSystem, address: string): string | undefined {
  return functionLink(host, address, 'driver');
}

/** The number of the IOMMU group; undefined where no IOMMU isolates the function. */
export function groupOf(host: HostSystem, address: string): string | undefined {
  return functionLink(host, address, 'iommu_group');
}

/** All functions of an IOMMU group. */
export function groupMembers(host: HostSystem, group: string): readonly string[] {
  return [...host.listDirectory(`${GROUPS}/${group}/devices`)].sort();
}

/** Class codes of PCI-to-PCI bridges, of either kind: they carry others' transfers and make none of their own. */
const BRIDGE_CLASSES = ['0x0604', '0x0609'];

export function isBridge(host: HostSystem, address: string): boolean {
  const code = functionText(host, address, 'class') ?? '';
  return BRIDGE_CLASSES.some((bridge) => code.startsWith(bridge));
}

/** The function whose virtual function this is. */
export function physicalFunction(host: HostSystem, address: string): string | undefined {
  return functionLink(host, address, 'physfn');
}

/** The virtual functions of a physical one, by their number. */
export function virtualFunctions(host: HostSystem, address: string): ReadonlyMap<number, string> {
  const numbers = host
    .listDirectory(functionDirectory(address))
    .flatMap((name) => /^virtfn(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  return new Map(
    numbers.flatMap((number) => {
      const virtual = functionLink(host, address, `virtfn${number}`);
      return virtual === undefined ? [] : [[number, virtual] as const];
    }),
  );
}

/** The network interface that the function's driver has made. */
export function networkInterface(host: HostSystem, address: string): string | undefined {
  return host.listDirectory(`${functionDirectory(address)}/net`)[0];
}
