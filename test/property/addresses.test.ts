import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OutElement, parseXml, verbatim, type XmlElement } from '../../src/xml/index.ts';
import { devicesFor, env, MACHINES, type Machine, POOL, type PooledDevice, roomyDomain } from './devices.ts';
import { attributeOf, childOf, compiled } from './domains.ts';

/** A place on the root bus, where a device of every kind may be put; mostly none. */
const maybePlace = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 4 },
  fc.record({ slot: fc.integer({ min: 5, max: 25 }), function: fc.constantFrom(0, 0, 0, 1, 5) }),
);

interface Written {
  readonly device: PooledDevice;
  readonly place: { readonly slot: number; readonly function: number } | undefined;
}

function elementOf({ device, place }: Written, n: number): OutElement {
  const element = device.make(n);
  if (place === undefined || device.bus !== 'pci') return element;
  const address: OutElement = {
    name: 'address',
    attributes: [
      ['type', 'pci'],
      ['bus', '0'],
      ['slot', String(place.slot)],
      ['function', String(place.function)],
    ],
    children: [],
  };
  return { ...element, children: [...element.children, address] };
}

const MOST_DEVICES = 30;

const written = (machine: Machine): fc.Arbitrary<readonly Written[]> =>
  devicesFor(machine, MOST_DEVICES).chain((devices) =>
    fc.tuple(...devices.map((device) => maybePlace.map((place) => ({ device, place })))),
  );

/** The definition as it is kept; undefined where it is refused. */
function kept(root: OutElement): XmlElement | undefined {
  const plan = compiled(root, env);
  return plan && parseXml(plan.domainXml);
}

function devicesIn(root: XmlElement): readonly XmlElement[] {
  return root.child('devices')?.children ?? [];
}

/** What names a device whatever else there is: for most the kind and the position among its like. */
function namesOf(devices: readonly XmlElement[]): readonly string[] {
  const counts = new Map<string, number>();
  return devices.map((device) => {
    const { name, attributes } = device;
    const key =
      name === 'controller'
        ? `controller ${attributes.type} ${attributes.index} ${attributes.model}`
        : name === 'disk'
          ? `disk ${device.child('target')?.attributes.dev}`
          : name;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return `${key} ${count}`;
  });
}

/** Every device with an address, by its name; the address without what says nothing of the place. */
function addresses(root: XmlElement): ReadonlyMap<string, string> {
  const devices = devicesIn(root);
  const names = namesOf(devices);
  return new Map(
    devices.flatMap((device, i) => {
      const address = device.child('address');
      // A serial console is its port again.
      const isPort = device.name === 'console' && device.child('target')?.attributes.type === 'serial';
      if (address === undefined || isPort) return [];
      const { multifunction: _, ...place } = address.attributes;
      return [[names[i] ?? '', `${driveBus(device)}${JSON.stringify(place)}`] as const];
    }),
  );
}

/** Drives have addresses of their own on each bus; a SCSI host device sits on SCSI. */
function driveBus(device: XmlElement): string {
  if (device.child('address')?.attributes.type !== 'drive') return '';
  return device.name === 'disk' ? `${device.child('target')?.attributes.bus} ` : 'scsi ';
}

/** Types of addresses that no two devices can share: the others say where a device is and not where it is plugged in. */
const SHARED: ReadonlySet<string> = new Set(['isa', 'spapr-vio', 'unassigned', 'virtio-mmio']);

describe.each(MACHINES)('addresses on %s', (machine) => {
  it('are tried with devices of nearly every kind', () => {
    const kinds = new Set(POOL[machine].map(({ kind }) => kind));
    console.log(
      machine,
      POOL[machine].length,
      [...kinds].join(' '),
      POOL[machine].filter((d) => d.isSingle).length,
    );
    expect(kinds.size).toBeGreaterThan(26);
  });

  it('are each given once', () => {
    let count = 0;
    fc.assert(
      fc.property(written(machine), (devices) => {
        const root = kept(roomyDomain(machine, devices.map(elementOf)));
        if (root === undefined) return;
        count++;
        const given = [...addresses(root).values()].filter(
          (place) => !SHARED.has(JSON.parse(place.replace(/^\w+ /, '')).type),
        );
        expect(new Set(given).size).toBe(given.length);
      }),
      { numRuns: 60 },
    );
    expect(count).toBeGreaterThan(20);
  });

  it('that are written stay', () => {
    fc.assert(
      fc.property(written(machine), (devices) => {
        const elements = devices.map(elementOf);
        const root = kept(roomyDomain(machine, elements));
        if (root === undefined) return;
        const given = new Set(addresses(root).values());
        for (const element of elements) {
          const address = childOf(element, 'address');
          if (address === undefined) continue;
          const [slot, fn] = ['slot', 'function'].map((name) => Number(attributeOf(address, name)));
          const hex = (value: number | undefined, digits: number) =>
            `0x${(value ?? 0).toString(16).padStart(digits, '0')}`;
          const place = {
            type: 'pci',
            domain: '0x0000',
            bus: '0x00',
            slot: hex(slot, 2),
            function: hex(fn, 1),
          };
          expect(given).toContain(JSON.stringify(place));
        }
      }),
      { numRuns: 60 },
    );
  });

  // In a definition without addresses this does not hold, in libvirt neither: kinds have an order among them, and a bridge
  // or port that is added takes the place of a device. That is why a machine's definition is kept with its addresses.
  it('of a kept definition stay when a device is added', () => {
    let count = 0;
    const added = devicesFor(machine, 3);
    fc.assert(
      fc.property(written(machine), added, (devices, more) => {
        const before = kept(roomyDomain(machine, devices.map(elementOf)));
        if (before === undefined) return;
        const tree = verbatim(before);
        const children = tree.children.map((child) =>
          child.name === 'devices'
            ? { ...child, children: [...child.children, ...more.map((one, i) => one.make(MOST_DEVICES + i))] }
            : child,
        );
        const after = kept({ ...tree, children });
        if (after === undefined) return;
        count++;
        const now = addresses(after);
        for (const [name, place] of addresses(before)) expect([name, now.get(name)]).toEqual([name, place]);
      }),
      { numRuns: 60 },
    );
    expect(count).toBeGreaterThan(15);
  });
});
