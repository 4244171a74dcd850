import { existsSync, readdirSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import tmp from 'tmp';
import { waitUntil } from '../../src/host/wait.ts';
import type { LinuxGuest } from '../guest/linux.ts';
import { guestWithDrivers } from './guest-with-drivers.ts';
import { ip, qdom, text } from './helpers.ts';

const SCRIPT_TIMEOUT_MS = 90_000;
const SETTLE_MS = 20_000;
const ATTEMPTS = 4;

export interface Card {
  /** Its network interface. */
  readonly link: string;
  /** Its PCI function. */
  readonly address: string;
}

/** The network card with this MAC (docs/lab.md); undefined where the lab has none. */
export function card(mac: string): Card | undefined {
  const link = readdirSync('/sys/class/net').find((n) => text(`/sys/class/net/${n}/address`) === mac);
  if (link === undefined) return undefined;
  // A virtio card is on a bus of its own below the function.
  const function_ = realpathSync(`/sys/class/net/${link}/device`)
    .match(/[^/]+:[^/]+\.\d/g)
    ?.at(-1);
  return { link, address: function_ ?? '' };
}

/** The lab's own card, on the wire that all cards are on. */
export const OUTSIDE = card('02:00:00:00:01:00')?.link ?? 'no card';

export function addressOf(mac: string): string {
  return card(mac)?.address ?? `no card ${mac}`;
}

/** What a PCI function is bound to. */
export function driverOf(address: string): string {
  const link = `/sys/bus/pci/devices/${address}/driver`;
  return existsSync(link) ? path.basename(readlinkSync(link)) : 'none';
}

/** A function's `<address>`. */
export function addressElement(address: string, type = ''): string {
  const [, bus, slot, fn] = /^0000:(..):(..)\.(.)$/.exec(address) ?? [];
  return `<address ${type} domain='0' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/>`;
}

/** What a command that is to fail says. */
export function complaint(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no complaint',
    (error: { stderr?: string; message: string }) => error.stderr ?? error.message,
  );
}

/** What must be as before: each function's driver, the links, vfio's nodes, what qdom keeps of running machines. */
export function cardsState(): unknown {
  const functions = readdirSync('/sys/bus/pci/devices').map((address) => [
    ...[address, driverOf(address)],
    text(`/sys/bus/pci/devices/${address}/driver_override`),
  ]);
  const links = readdirSync('/sys/class/net').map((name) => {
    const of = (file: string) => text(`/sys/class/net/${name}/${file}`);
    // A virtual function whose MAC nobody has chosen gets another each time.
    const mac = of('addr_assign_type') === '1' ? 'random' : of('address');
    return [name, mac, of('mtu'), of('flags')];
  });
  const below = (top: string) =>
    existsSync(top) ? readdirSync(top, { recursive: true, encoding: 'utf8' }).sort() : [];
  const machines = below('/run/qdom').filter((name) => /^(machines|owners|detached)\/[^.]/.test(name));
  return { functions: functions.sort(), links: links.sort(), vfio: below('/dev/vfio'), machines };
}

/** Once it is as before; what is different then is for the test to compare. */
export async function settled(before: unknown): Promise<unknown> {
  const wanted = JSON.stringify(before);
  await waitUntil(() => JSON.stringify(cardsState()) === wanted, SETTLE_MS);
  return cardsState();
}

/** Guests with drivers for real cards, which say on their console what a script in them printed. */
export class CardGuests {
  readonly #work: tmp.DirResult;
  readonly #guest: LinuxGuest;

  private constructor(work: tmp.DirResult, guest: LinuxGuest) {
    this.#work = work;
    this.#guest = guest;
  }

  /** @param script what they run @param here the address of the lab's own card, which is up from now on */
  static async make(script: string, here: string): Promise<CardGuests> {
    const work = tmp.dirSync({ unsafeCleanup: true });
    const guest = await guestWithDrivers(['e1000e', 'igbvf'], script, work.name);
    await ip(`address add ${here} dev ${OUTSIDE}`);
    await ip(`link set ${OUTSIDE} up`);
    const guests = new CardGuests(work, guest);
    await guests.#askQemu();
    return guests;
  }

  /** On a busy host the emulated processor is too slow for the time that QEMU has to say what it can do; the answer is kept. */
  async #askQemu(): Promise<void> {
    const file = this.write('asked', '');
    for (let attempt = 1; attempt < ATTEMPTS; attempt++)
      if (await qdom(['compile', file]).then(Boolean, () => false)) return;
  }

  async end(): Promise<void> {
    await ip(`address flush dev ${OUTSIDE}`);
    await ip(`link set ${OUTSIDE} down`);
    this.#work.removeCallback();
  }

  /** A domain's XML, in a file. It stays on one processor (docs/lab.md, "What it is"). */
  write(name: string, devices: string): string {
    const file = path.join(this.#work.name, `${name}.xml`);
    const { kernel, initrd } = this.#guest;
    writeFileSync(
      file,
      `<domain type='kvm'>
  <name>${name}</name>
  <memory unit='MiB'>256</memory>
  <vcpu cpuset='0'>1</vcpu>
  <os><type machine='q35'>hvm</type><kernel>${kernel}</kernel><initrd>${initrd}</initrd>
    <cmdline>console=ttyS0 quiet panic=-1</cmdline></os>
  <devices>
    <serial type='file'><source path='${file}.console'/></serial>
    ${devices}
  </devices>
</domain>
`,
    );
    return file;
  }

  /** What the guest of this file has printed, once its script is done. */
  async output(file: string): Promise<string> {
    const seen = () => (existsSync(`${file}.console`) ? text(`${file}.console`) : '');
    await waitUntil(() => seen().includes('the script is done'), SCRIPT_TIMEOUT_MS);
    return seen();
  }
}
