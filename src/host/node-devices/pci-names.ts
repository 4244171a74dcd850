import type { HostSystem } from '../system.ts';

const LISTS = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'];

/**
 * The names of a vendor and of its product in the list that lspci uses (pci.ids(5): a vendor's line, and below it, each after a
 * tab, its products); none where the list is not installed or does not know them.
 */
export function pciNames(
  host: HostSystem,
  vendor: string,
  product: string,
): { readonly vendor?: string; readonly product?: string } {
  const list = listOf(host);
  const digits = (id: string) => id.replace(/^0x/, '').toLowerCase();
  const begin = list.indexOf(`\n${digits(vendor)}  `);
  if (begin < 0) return {};
  const length = list.slice(begin + 1).search(/\n[^\t#\n]/);
  const [line = '', ...products] = list
    .slice(begin + 1, length < 0 ? undefined : begin + 1 + length)
    .split('\n');
  const found = products.find((p) => p.startsWith(`\t${digits(product)}  `));
  return { vendor: line.slice(6), ...(found !== undefined && { product: found.slice(7) }) };
}

/** Read once for all devices of a host. */
const lists = new WeakMap<HostSystem, string>();

function listOf(host: HostSystem): string {
  const known = lists.get(host);
  if (known !== undefined) return known;
  const text = LISTS.map((path) => host.readText(path)).find((t) => t !== undefined);
  const list = `\n${text ?? ''}`;
  lists.set(host, list);
  return list;
}
