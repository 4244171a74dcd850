import { readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addressElement,
  addressOf,
  CardGuests,
  card,
  cardsState,
  complaint,
  driverOf,
  OUTSIDE,
  settled,
} from './cards.ts';
import { ip, qdom } from './helpers.ts';

const SRIOV = card('02:00:00:00:05:00');
const VLAN = 42;
const MAC = '52:54:00:00:00:42';
const HERE = '198.51.100.1';

const SCRIPT = `cat /sys/class/net/eth0/address
ip addr add 198.51.100.2/24 dev eth0
ip link set eth0 up
sleep 3
ping -q -c 3 -W 3 ${HERE}`;

const nic = (address: string, more = '') =>
  `<interface type='hostdev' managed='yes'><mac address='${MAC}'/><source>${addressElement(address, "type='pci'")}</source>${more}</interface>`;

/** Without igb the lab has no such card (docs/lab.md). */
describe.skipIf(SRIOV === undefined)('a virtual function of a card', () => {
  const { link = '', address: physical = '' } = SRIOV ?? {};
  const numbers = `/sys/bus/pci/devices/${physical}/sriov_numvfs`;

  const settings = async () => JSON.parse(await ip(`-j link show dev ${link}`))[0].vfinfo_list[0];

  it('has the guest’s MAC and VLAN while a guest uses it, and gets its own back', async () => {
    const guests = await CardGuests.make(SCRIPT, '192.0.2.1/24');
    await ip(`link set ${link} up`);
    await ip(`link add link ${OUTSIDE} name tagged up type vlan id ${VLAN}`);
    await ip(`address add ${HERE}/24 dev tagged`);
    writeFileSync(numbers, '1');
    try {
      const virtual = path.basename(readlinkSync(`/sys/bus/pci/devices/${physical}/virtfn0`));
      const was = await settings();
      const before = cardsState();
      const single = nic(addressOf('02:00:00:00:02:00'));
      expect(await complaint(qdom(['create', guests.write('pf', single)]))).toContain(
        'is no SR-IOV virtual function',
      );

      const file = guests.write('vf', nic(virtual, `<vlan><tag id='${VLAN}'/></vlan>`));
      await qdom(['create', file]);
      expect(await settings()).toMatchObject({ address: MAC, vlan_list: [{ vlan: VLAN }] });
      const said = await guests.output(file);
      await qdom(['destroy', 'vf']);
      expect(said).toContain(MAC);
      expect(said).toContain('3 packets received');
      expect(driverOf(virtual)).toBe('igbvf');
      // Its own driver, which has it again, takes a MAC by chance where it had none.
      const now = await settings();
      expect(now.address).not.toBe(MAC);
      expect({ ...now, address: was.address }).toEqual(was);
      expect(await settled(before)).toEqual(before);
    } finally {
      writeFileSync(numbers, '0');
      await ip('link delete tagged');
      await ip(`link set ${link} down`);
      await guests.end();
    }
  }, 300_000);
});
