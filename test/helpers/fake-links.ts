export interface FakeLink {
  address: string;
  mtu: number;
  up: boolean;
  bridge?: string;
  isBridge: boolean;
  /** Of a macvtap. */
  readonly parent?: string;
  /** Held by descriptors: it vanishes with the last. */
  readonly transient: boolean;
  isolated: boolean;
  /** VLANs of a bridge's port, each with its flags. */
  vlans: string[];
  /** MAC and VLAN of each virtual function. */
  readonly vfs: { mac: string; vlan: number }[];
  /** Addresses, routes, queueing disciplines: whatever was added and can be deleted. */
  added: string[];
  /** Forwarding entries of a bridge's port. */
  entries: string[];
  learning: boolean;
  flood: boolean;
  coalescedFrames: number;
}

export interface CommandAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const DONE: CommandAnswer = { exitCode: 0, stdout: '', stderr: '' };
const refused = (stderr: string): CommandAnswer => ({ exitCode: 2, stdout: '', stderr });

/** Network interfaces in memory, as `ip`, `bridge` and `tc` change them and sysfs shows them. */
export class FakeLinks {
  readonly all = new Map<string, FakeLink>();
  /** Ports of Open vSwitch by name: `BRIDGE ID`. They stay when the link goes. */
  readonly switchPorts = new Map<string, string>();

  add(name: string, link: Partial<FakeLink> = {}): void {
    this.all.set(name, {
      ...{ mtu: 1500, up: false, isBridge: false, transient: false, address: '02:00' },
      ...{ isolated: false, vlans: ['1 pvid untagged'], vfs: [], added: [], entries: [] },
      ...{ learning: true, flood: true, coalescedFrames: 0 },
      ...link,
    });
  }

  /** Tables of nftables with their rules. */
  readonly tables = new Map<string, readonly string[]>();

  /** Undefined for a command that is none of these. */
  run(program: string, args: readonly string[]): CommandAnswer | undefined {
    const line = [program, ...args].join(' ');
    const of = (pattern: RegExp) => pattern.exec(line)?.slice(1);
    const virtual = of(/^ip link set dev (\S+) vf (\d+ .*)$/);
    if (virtual !== undefined)
      return this.#with(virtual, (l, settings) => setVirtual(l, settings.split(' ')));
    const seen = of(/^ip -j link show dev (\S+)$/);
    if (seen !== undefined) return this.#with([...seen, ''], showVirtuals);
    const renamed = of(/^ip link set dev (\S+) name (\S+)$/);
    if (renamed !== undefined)
      return this.#with(renamed, (l, name) => this.#rename(renamed[0] ?? '', name, l));
    const link = of(/^ip link set dev (\S+) (.*)$/);
    const master = / master (\S+)/.exec(line)?.[1];
    if (link !== undefined && master !== undefined && !this.all.has(master))
      return refused('Error: Device does not exist.');
    if (link !== undefined) return this.#with(link, (l, settings) => set(l, settings.split(' ')));
    const made = of(/^ip link add link (\S+) name (\S+) (.*) type macvtap mode \S+$/);
    if (made !== undefined) return this.#addMacvtap(made);
    const bridge = of(/^ip link add name (\S+) address (\S+) (.*) ?type bridge .*$/);
    if (bridge !== undefined) return this.#addBridge(bridge);
    if (program === 'nft') return this.#firewall(args);
    const gone = of(/^ip link delete dev (\S+)$/);
    if (gone !== undefined) return this.all.delete(gone[0] ?? '') ? DONE : refused('Cannot find device');
    const vlan = of(/^bridge vlan (?:add|del) dev (\S+) (.*)$/);
    if (vlan !== undefined) return this.#with(vlan, (l, rest) => setVlan(l, args[1] === 'add', rest));
    const shown = of(/^bridge -j vlan show dev (\S+)$/);
    if (shown !== undefined) return { ...DONE, stdout: this.#vlans(shown[0] ?? '') };
    const port = of(/^bridge link set dev (\S+) (.*)$/);
    if (port !== undefined && this.all.get(port[0] ?? '')?.bridge === undefined)
      return refused('RTNETLINK answers: Operation not supported');
    if (port !== undefined) return this.#with(port, (l, settings) => set(l, settings.split(' ')));
    const entry = of(/^bridge fdb (?:add|del) (\S+) dev (\S+) master static$/);
    if (entry !== undefined)
      return this.#with([...entry].reverse(), (l, mac) => setEntry(l, args[1] === 'add', mac));
    const coalesce = of(/^ethtool -C (\S+) rx-frames (\d+)$/);
    if (coalesce !== undefined) return this.#with(coalesce, (l, count) => setFrames(l, Number(count)));
    if (program === 'ovs-vsctl') return this.#openSwitch(args);
    const looked = show(line, this.all);
    if (looked !== undefined) return looked;
    const other = of(/^((?:tc|ip) .*\bdev) (\S+)(.*)$/);
    if (other === undefined) return undefined;
    const [before = '', name = '', after = ''] = other;
    return this.#with([name, before + after], addOrDelete);
  }

  /** The text of a file under /sys/class/net. */
  sysfs(path: string): string | undefined {
    const [, name = '', file = ''] = /^\/sys\/class\/net\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const link = this.all.get(name);
    if (link === undefined) return undefined;
    const files: Record<string, string> = {
      address: link.address,
      mtu: String(link.mtu),
      flags: link.up ? '0x1' : '0x0',
      ifindex: this.#index(name),
      iflink: this.#index(link.parent ?? name),
      'brport/isolated': link.isolated ? '1' : '0',
      'brport/learning': link.learning ? '1' : '0',
      'brport/unicast_flood': link.flood ? '1' : '0',
      ...(link.isBridge
        ? { 'bridge/vlan_filtering': '1', 'bridge/default_pvid': '1' }
        : link.parent === undefined && { tun_flags: link.transient ? '0x1002' : '0x1802' }),
    };
    const text = files[file];
    return text === undefined ? undefined : `${text}\n`;
  }

  /** Whether `/dev/tapN` is there. */
  hasNode(path: string): boolean {
    return [...this.all].some(
      ([name, { parent }]) => parent !== undefined && path === `/dev/tap${this.#index(name)}`,
    );
  }

  /** Interfaces keep their numbers: they are their names' here. */
  #index(name: string): string {
    return String([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  }

  #rename(from: string, to: string, link: FakeLink): CommandAnswer {
    if (this.all.has(to)) return refused('RTNETLINK answers: File exists');
    this.all.delete(from);
    this.all.set(to, link);
    return DONE;
  }

  #with([name = '', rest = '']: readonly string[], act: (link: FakeLink, rest: string) => CommandAnswer) {
    const link = this.all.get(name);
    return link === undefined ? refused(`Cannot find device "${name}"`) : act(link, rest);
  }

  #addMacvtap([parent = '', name = '', settings = '']: readonly string[]): CommandAnswer {
    if (this.all.has(name)) return refused('RTNETLINK answers: File exists');
    this.add(name, { parent });
    return this.#with([name, settings], (link, words) => set(link, words.split(' ')));
  }

  #openSwitch([, verb = '', ...args]: readonly string[]): CommandAnswer {
    if (verb === 'br-exists') return args[0] === 'ovs0' ? DONE : refused('');
    if (verb === 'add-port') {
      const [bridge = '', name = ''] = args;
      if (this.switchPorts.has(name)) return refused(`a port named ${name} already exists`);
      const id = /iface-id="([^"]*)"/.exec(args.join(' '))?.[1];
      this.switchPorts.set(name, `${bridge} ${id}`);
      return DONE;
    }
    const [what, , name = ''] = args;
    if (what === 'get') return { ...DONE, stdout: `"${this.switchPorts.get(name)?.split(' ')[1] ?? ''}"\n` };
    if (what === 'del-port') this.switchPorts.delete(name);
    return DONE;
  }

  #addBridge([name = '', address = '']: readonly string[]): CommandAnswer {
    if (this.all.has(name)) return refused('RTNETLINK answers: File exists');
    this.add(name, { isBridge: true, address });
    return DONE;
  }

  #firewall([script = '']: readonly string[]): CommandAnswer {
    for (const line of script.split('; ')) {
      const [, verb, name = ''] = /^(add|delete) table inet (\S+)$/.exec(line) ?? [];
      if (verb === 'add') this.tables.set(name, this.tables.get(name) ?? []);
      if (verb === 'delete') this.tables.delete(name);
      const [, table = '', rule] = /^add (?:chain|rule) inet (\S+) (.*)$/.exec(line) ?? [];
      if (rule !== undefined) this.tables.set(table, [...(this.tables.get(table) ?? []), rule]);
    }
    return DONE;
  }

  #vlans(name: string): string {
    const flags: Record<string, string> = { pvid: 'PVID', untagged: 'Egress Untagged' };
    const vlans = (this.all.get(name)?.vlans ?? []).map((entry) => {
      const [vlan, ...words] = entry.split(' ');
      return { vlan: Number(vlan), flags: words.map((word) => flags[word]) };
    });
    return JSON.stringify([{ ifname: name, vlans }]);
  }
}

function set(link: FakeLink, words: readonly string[]): CommandAnswer {
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === 'mtu') link.mtu = Number(words[++i]);
    else if (word === 'master') link.bridge = words[++i] ?? '';
    else if (word === 'nomaster') delete link.bridge;
    else if (word === 'address') link.address = words[++i] ?? '';
    else if (word === 'isolated' || word === 'learning' || word === 'flood') link[word] = words[++i] === 'on';
    else if (word === 'up' || word === 'down') link.up = word === 'up';
  }
  return DONE;
}

function setVirtual(link: FakeLink, [number = '', ...words]: readonly string[]): CommandAnswer {
  const virtual = link.vfs[Number(number)];
  if (virtual === undefined) return refused('RTNETLINK answers: Invalid argument');
  words.forEach((word, i) => {
    if (word === 'mac') virtual.mac = words[i + 1] ?? '';
    if (word === 'vlan') virtual.vlan = Number(words[i + 1]);
  });
  return DONE;
}

function showVirtuals({ vfs }: FakeLink): CommandAnswer {
  const vfinfo_list = vfs.map(({ mac, vlan }, vf) => ({
    vf,
    address: mac,
    vlan_list: vlan === 0 ? [{}] : [{ vlan }],
  }));
  return { ...DONE, stdout: JSON.stringify([{ vfinfo_list }]) };
}

function setVlan(link: FakeLink, isAdded: boolean, rest: string): CommandAnswer {
  const [, vid = '', ...flags] = rest.split(' ');
  const others = link.vlans.filter((entry) => entry.split(' ')[0] !== vid);
  if (!isAdded && others.length === link.vlans.length)
    return refused('RTNETLINK answers: No such file or directory');
  const all = isAdded ? [...others, [vid, ...flags].join(' ')] : others;
  link.vlans = all.sort();
  return DONE;
}

/** `… add THING` and `… del THING`, where what is deleted is named by the beginning of what was added. */
function addOrDelete(link: FakeLink, line: string): CommandAnswer {
  const thing = line.replace(/ (add|del|replace)\b/, '').replace(/^tc \w+/, 'tc');
  if (/ (add|replace)\b/.test(line)) {
    if (link.added.includes(thing)) return refused('RTNETLINK answers: File exists');
    link.added.push(thing);
    return DONE;
  }
  const isTc = thing.startsWith('tc');
  const kept = link.added.filter((one) => (isTc ? !one.startsWith('tc') : one !== thing));
  if (kept.length === link.added.length) return refused('Error: Invalid handle.');
  link.added = kept;
  return DONE;
}

function setEntry(link: FakeLink, isAdded: boolean, mac: string): CommandAnswer {
  if (isAdded === link.entries.includes(mac))
    return refused(`RTNETLINK answers: ${isAdded ? 'File exists' : 'No such file or directory'}`);
  link.entries = isAdded ? [...link.entries, mac] : link.entries.filter((one) => one !== mac);
  return DONE;
}

function setFrames(link: FakeLink, count: number): CommandAnswer {
  link.coalescedFrames = count;
  return DONE;
}

/** What a link has: nothing is changed. */
function show(line: string, links: ReadonlyMap<string, FakeLink>): CommandAnswer | undefined {
  const name = /(?:\bdev|-c) (\S+)/.exec(line)?.[1] ?? '';
  const { added = [], entries = [], coalescedFrames = 0 } = links.get(name) ?? {};
  const lines = (all: readonly string[]) => ({ ...DONE, stdout: all.join('\n') });
  const [, address] = /^ip -o address show .* to (\S+)$/.exec(line) ?? [];
  if (address !== undefined) return lines(added.filter((one) => one.includes(` ${address}/`)));
  const [, route] = /^ip -[46] route show exact (\S+) /.exec(line) ?? [];
  if (route !== undefined) return lines(added.filter((one) => one.includes(` route ${route} `)));
  if (line.startsWith('bridge fdb show')) return lines(entries.map((mac) => `${mac} master br static`));
  if (line.startsWith('ethtool -c')) return lines([`rx-frames:\t${coalescedFrames}`]);
  if (!line.startsWith('tc -j qdisc show')) return undefined;
  const qdiscs = added.filter((one) => one.startsWith('tc')).map(() => ({ kind: 'htb', handle: '1:' }));
  return lines([JSON.stringify(qdiscs)]);
}
