import fc from 'fast-check';
import { DEVICE_KINDS } from '../../src/compile/domain.ts';
import { type OutElement, parseXml, printXml, verbatim } from '../../src/xml/index.ts';
import { goldenEnvironment } from '../golden/environment.ts';
import { attributeOf, childOf, compiled, SAMPLES, withAttribute } from './domains.ts';

/** A definition that is new keeps every address, USB ports too. */
export const env = goldenEnvironment({ 'abi-update': 'yes' });

export type Machine = 'pc' | 'q35';
export const MACHINES: readonly Machine[] = ['pc', 'q35'];

/** A device of some domain of the fixtures, without an address, that a roomy domain takes. */
export interface PooledDevice {
  readonly [fc.toStringMethod]: () => string;
  readonly kind: string;
  /** The type of the address that it gets. */
  readonly bus: string | undefined;
  /** One domain has one such device at most. */
  readonly isSingle: boolean;
  /** The device under names of its own. */
  readonly make: (n: number) => OutElement;
}

/** A domain that has what devices ask for: shared memory, slots, a NUMA cell, iothreads. */
export function roomyDomain(machine: Machine, devices: readonly OutElement[]): OutElement {
  const top = `<domain type='qemu'><name>guest</name>
<maxMemory unit='GiB' slots='64'>64</maxMemory><memory unit='GiB'>40</memory>
<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
<vcpu>4</vcpu><iothreads>4</iothreads>
<os><type arch='x86_64' machine='${machine}'>hvm</type></os><features><acpi/></features>
<cpu><numa><cell id='0' cpus='0-3' memory='8' unit='GiB'/></numa></cpu><devices/></domain>`;
  const root = verbatim(parseXml(top));
  const children = root.children.map((child) =>
    child.name === 'devices' ? { ...child, children: devices } : child,
  );
  return { ...root, children };
}

/** `a` for 0, `z` for 25, `aa` for 26. */
export function letters(n: number): string {
  return n < 26 ? String.fromCharCode(97 + n) : letters(Math.floor(n / 26) - 1) + letters(n % 26);
}

/** What one device must not share with another, or what would name another: addresses, aliases, boot order. */
const NOT_KEPT: ReadonlySet<string> = new Set(['address', 'alias', 'boot', 'mac', 'teaming']);

function bare(device: OutElement): OutElement {
  return { ...device, children: device.children.filter(({ name }) => !NOT_KEPT.has(name)) };
}

/** The device under the name that is free for the n-th one. */
function named(device: OutElement, n: number): OutElement {
  const onTarget = (attribute: string, name: (old: string) => string): OutElement => ({
    ...device,
    children: device.children.map((child) => {
      const old = child.name === 'target' ? attributeOf(child, attribute) : undefined;
      return old === undefined ? child : withAttribute(child, attribute, name(old));
    }),
  });
  switch (device.name) {
    case 'disk':
      return onTarget('dev', (old) => `${/^(?:hd|sd|vd|fd)/.exec(old)?.[0] ?? 'vd'}${letters(n)}`);
    case 'filesystem':
      return onTarget('dir', () => `tag${n}`);
    case 'channel':
      return onTarget('name', () => `port.${n}`);
    case 'shmem':
      return withAttribute(device, 'name', `memory${n}`);
    case 'audio':
      return withAttribute(device, 'id', String(n + 1));
    default:
      return device;
  }
}

/** The pool for each machine. */
export const POOL: Readonly<Record<Machine, readonly PooledDevice[]>> = {
  pc: poolOf('pc'),
  q35: poolOf('q35'),
};

function poolOf(machine: Machine): readonly PooledDevice[] {
  const kinds: ReadonlySet<string> = new Set(DEVICE_KINDS);
  const all = new Map<string, OutElement>();
  for (const { root } of SAMPLES)
    for (const device of childOf(root, 'devices')?.children ?? [])
      if (kinds.has(device.name)) all.set(printXml(bare(device)), bare(device));
  return [...all].flatMap(([text, device]) => {
    const make = (n: number) => named(device, n);
    const alone = compiled(roomyDomain(machine, [make(0)]), env);
    if (alone === undefined) return [];
    const twice = compiled(roomyDomain(machine, [make(0), make(1)]), env);
    const bus = busOf(device, alone.domainXml);
    return [{ [fc.toStringMethod]: () => text, kind: device.name, bus, isSingle: twice === undefined, make }];
  });
}

function busOf(device: OutElement, xml: string): string | undefined {
  const type = attributeOf(device, 'type');
  const alike = parseXml(xml)
    .child('devices')
    ?.children.filter(({ name, attributes }) => name === device.name && attributes.type === type);
  return alike?.at(-1)?.child('address')?.attributes.type;
}

/** Some devices that go together. */
export function devicesFor(machine: Machine, maxLength: number): fc.Arbitrary<readonly PooledDevice[]> {
  const pool = POOL[machine];
  const key = (device: PooledDevice) => (device.isSingle ? device.kind : device);
  // Kinds before devices: most of the fixtures' devices are disks and interfaces.
  const device = fc
    .constantFrom(...new Set(pool.map(({ kind }) => kind)))
    .chain((kind) => fc.constantFrom(...pool.filter((one) => one.kind === kind)));
  return fc
    .array(device, { maxLength, size: 'max' })
    .map((all) =>
      all.filter((one, i) => !one.isSingle || all.findIndex((other) => key(other) === key(one)) === i),
    );
}
