import { dirname, join } from 'node:path';
import { type DeviceRule, printRule } from '../../src/host/device-rules.ts';
import type { DetachedProgram, FileStatus, HostSystem } from '../../src/host/system.ts';
import { type FakeFiles, FakeKernel } from './fake-kernel.ts';
import { type FakeLink, FakeLinks } from './fake-links.ts';
import { FakeMdev } from './fake-mdev.ts';
import { FakePci } from './fake-pci.ts';

/** A process that was killed makes no further calls. */
export class Killed extends Error {}

interface FakeNode {
  readonly kind: FileStatus['kind'];
  text: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

type Injection = { readonly kind: 'fail' | 'kill'; readonly at: ReadonlySet<number> };

/**
 * A host in memory: files, network interfaces, descriptors. Changing calls are counted; the k-th can be made to fail
 * before it has an effect, or to be the last that its process makes.
 */
export class FakeHost implements HostSystem {
  readonly #nodes = new Map<string, FakeNode>();
  readonly #links = new FakeLinks();
  readonly #files: FakeFiles = {
    text: (path) => this.#nodes.get(path)?.text,
    plant: (path, text) => this.#plant(path, text),
    kind: (path) => this.#nodes.get(path)?.kind,
    list: (path) => this.listDirectory(path),
    remove: (path) => this.#nodes.delete(path),
  };
  readonly #kernel = new FakeKernel(this.#files);
  readonly mdev = new FakeMdev(this.#files);
  readonly pci = new FakePci();
  readonly #fds = new Map<number, string>();
  #nextFd = 10;
  #nextPid = 100;
  #dead = false;
  #injection: Injection | undefined;
  /** Devices that another process has open, and that only one may. */
  readonly busy = new Set<string>();
  /** Changing calls so far. */
  changes = 0;

  constructor(files: Readonly<Record<string, string | null>> = {}) {
    this.#nodes.set('/', { kind: 'directory', text: '' });
    for (const [path, text] of Object.entries(files)) this.#plant(path, text);
  }

  addLink(name: string, link: Partial<FakeLink> = {}): void {
    this.#links.add(name, link);
  }

  /** A file that is there, whoever made it. */
  plant(path: string, text: string): void {
    this.#plant(path, text);
  }

  removeLink(name: string): void {
    this.#links.all.delete(name);
  }

  link(name: string): FakeLink | undefined {
    return this.#links.all.get(name);
  }

  inject(kind: Injection['kind'], ...at: number[]): void {
    this.changes = 0;
    this.#injection = { kind, at: new Set(at) };
  }

  /** Another process after the kill: the kernel has closed what the dead one had open. */
  revive(): void {
    this.#dead = false;
    this.#injection = undefined;
    for (const fd of [...this.#fds.keys()]) this.closeDescriptor(fd);
  }

  /** Everything that can be seen of the host, without what lies below `except`. */
  snapshot(except: string): unknown {
    const files = [...this.#nodes].filter(([path]) => !path.startsWith(except)).sort();
    return structuredClone({
      files,
      links: [...this.#links.all].sort(),
      ports: [...this.#links.switchPorts],
      tables: [...this.#links.tables],
      fds: [...this.#fds],
      pci: [...this.pci.all, ...this.pci.nodeOwners],
      mdevs: [...this.mdev.made],
    });
  }

  listDirectory(path: string): readonly string[] {
    const inside = path === '/' ? '/' : `${path}/`;
    const files = [...this.#nodes.keys()]
      .filter((p) => p !== '/' && p.startsWith(inside) && dirname(p) === path)
      .map((p) => p.slice(inside.length));
    return [...new Set([...files, ...this.pci.list(path)])];
  }

  readText(path: string): string | undefined {
    return this.#links.sysfs(path) ?? this.pci.readText(path) ?? this.#nodes.get(path)?.text;
  }

  readLink(path: string): string | undefined {
    const name = /^\/sys\/class\/net\/([^/]+)\/master$/.exec(path)?.[1];
    const bridge = name === undefined ? undefined : this.#links.all.get(name)?.bridge;
    if (/^\/(?:sys\/bus\/usb\/devices|proc\/[^/]+\/ns)\//.test(path)) return this.#nodes.get(path)?.text;
    return bridge === undefined ? (this.mdev.readLink(path) ?? this.pci.readLink(path)) : `../${bridge}`;
  }

  realPath(path: string): string | undefined {
    return this.#nodes.has(path) ? path : undefined;
  }

  status(path: string): FileStatus | undefined {
    const [, name, file] = /^\/sys\/class\/net\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
    const link = name === undefined ? undefined : this.#links.all.get(name);
    if (link !== undefined && (file === undefined || (file === 'bridge' && link.isBridge)))
      return { kind: 'directory', sizeBytes: 0, mode: 0o755, uid: 0, gid: 0 };
    if (this.#links.hasNode(path) || this.pci.has(path))
      return { kind: 'other', sizeBytes: 0, mode: 0o600, uid: 0, gid: 0, ...this.pci.nodeOwners.get(path) };
    const node = this.#nodes.get(path);
    if (node === undefined) return undefined;
    const isProgram = node.kind === 'directory' || node.text.startsWith('#!');
    const { kind, text, mode = isProgram ? 0o755 : 0o600, uid = 0, gid = 0 } = node;
    return { kind, sizeBytes: text.length, mode, uid, gid };
  }

  mayUse(path: string): boolean {
    return this.#nodes.has(path) || this.pci.has(path);
  }

  makeDirectory(path: string): void {
    this.#change(() => {
      this.#mustNotExist(path);
      this.#add(path, 'directory', '');
      this.#kernel.madeDirectory(path);
    });
  }

  removeDirectory(path: string): void {
    this.#change(() => {
      this.#mustExist(path);
      const inside = this.listDirectory(path).map((name) => join(path, name));
      const isKernels = this.#kernel.ownsFilesOf(path);
      const files = isKernels ? inside.filter((p) => this.#kernel.vanishes(p)) : [];
      if (inside.length > files.length) throw systemError(isKernels ? 'EBUSY' : 'ENOTEMPTY', path);
      for (const file of [...files, path]) this.#nodes.delete(file);
    });
  }

  removeFile(path: string): void {
    this.#change(() => {
      this.#mustExist(path);
      this.#nodes.delete(path);
    });
  }

  removeTree(path: string): void {
    this.#change(() => {
      const inside = [...this.#nodes.keys()].filter((p) => p === path || p.startsWith(`${path}/`));
      for (const one of inside) this.#nodes.delete(one);
    });
  }

  rename(from: string, to: string): void {
    this.#change(() => {
      const node = this.#mustExist(from);
      this.#nodes.delete(from);
      this.#nodes.set(to, node);
    });
  }

  changeOwner(path: string, uid: number, gid: number): void {
    this.#change(() => {
      if (this.pci.chown(path, uid, gid)) return;
      const { uid: _u, gid: _g, ...node } = this.#mustExist(path);
      this.#nodes.set(path, { ...node, ...(uid !== 0 && { uid }), ...(gid !== 0 && { gid }) });
    });
  }

  changeMode(path: string, mode: number): void {
    this.#change(() => this.#nodes.set(path, { ...this.#mustExist(path), mode }));
  }

  writeFile(path: string, content: string | Uint8Array): void {
    this.#change(() => this.#add(path, 'file', Buffer.from(content).toString()));
  }

  claim(path: string, text: string): boolean {
    return this.#change(() => {
      if (this.#nodes.has(path)) return false;
      this.#add(path, 'file', text);
      return true;
    });
  }

  overwrite(path: string, text: string): void {
    this.#change(() => {
      if (this.pci.write(path, text) || this.mdev.write(path, text)) return;
      if (!this.#kernel.write(path, text)) this.#add(path, 'file', text);
    });
  }

  appendLine(path: string, line: string): void {
    this.#change(() => this.#add(path, 'file', `${this.#nodes.get(path)?.text ?? ''}${line}\n`));
  }

  copyFile(from: string, to: string): void {
    this.#change(() => {
      this.#mustNotExist(to);
      this.#add(to, 'file', this.#mustExist(from).text);
    });
  }

  /** As the real one, it does not throw for a failure. */
  async run(program: string, args: readonly string[]) {
    try {
      return this.#run(program, args);
    } catch (error) {
      if (error instanceof Killed) throw error;
      return { exitCode: 1, stdout: '', stderr: (error as Error).message };
    }
  }

  #run(program: string, args: readonly string[]) {
    return this.#change(() => {
      const missing = { exitCode: 127, stdout: '', stderr: `${program}: not known here` };
      const state = args[args.indexOf('--tpm-state') + 1] ?? '';
      if (program.endsWith('/swtpm_setup')) this.#add(join(state, 'tpm2-00.permall'), 'file', 'a new TPM');
      if (program.endsWith('/qemu-img')) this.#add(args.at(-1) ?? '', 'file', 'an overlay');
      const isFile = this.#nodes.get(program)?.kind === 'file';
      return (
        this.#links.run(program, args) ??
        this.#kernel.run(program, args) ??
        (isFile ? { exitCode: 0, stdout: '', stderr: '' } : missing)
      );
    });
  }

  socketPair(): readonly [number, number] {
    return this.#change(() => [this.#open('a pair'), this.#open('a pair')] as const);
  }

  openTap({ name, queues }: { name: string; queues: number }) {
    return this.#change(() => {
      const real = name.replace('%d', String(this.#links.all.size));
      if (!this.#links.all.has(real)) this.#links.add(real, { transient: true, address: '02:01' });
      return { name: real, fds: Array.from({ length: queues }, () => this.#open(real)) };
    });
  }

  openMacvtap(name: string, queues: number) {
    return this.#change(() => Array.from({ length: queues }, () => this.#open(name)));
  }

  openDevice(path: string): number {
    return this.#change(() => {
      if (this.busy.has(path)) throw systemError('EBUSY', path);
      if (!this.pci.has(path)) this.#mustExist(path);
      return this.#open(path);
    });
  }

  openToRead(path: string): number {
    return this.#change(() => this.#open(path));
  }

  openOutput(path: string): number {
    return this.#change(() => {
      this.#add(path, 'file', this.#nodes.get(path)?.text ?? '');
      return this.#open(path);
    });
  }

  closeDescriptor(fd: number): void {
    const held = this.#fds.get(fd);
    this.#fds.delete(fd);
    if (held !== undefined && this.#links.all.get(held)?.transient && ![...this.#fds.values()].includes(held))
      this.#links.all.delete(held);
  }

  blockDeviceNumber(path: string): string | undefined {
    return this.#nodes.has(path) ? '8:0' : undefined;
  }
  deviceOf(path: string): DeviceRule | undefined {
    return this.#nodes.has(path) ? { kind: 'c', major: 1, minor: path.length } : undefined;
  }
  allowDevices(group: string, rules: readonly DeviceRule[]): void {
    this.#change(() => this.#add(`${group}/program`, 'file', rules.map(printRule).join('\n')));
  }
  bindThread(): void {
    throw new Error('no threads here');
  }
  scheduleThread(): void {
    throw new Error('no threads here');
  }
  /** A helper: it notes who it is and listens at once, on the path that its words name. */
  spawnDetached({ args }: DetachedProgram): number {
    return this.#change(() => {
      const pid = this.#nextPid++;
      const stat = `${pid} (helper) S ${'0 '.repeat(18)}${pid}\n`;
      const [, , , note = '', ...whole] = args;
      // setpriv becomes what stands after its own words.
      const [program = '', ...words] = whole[0]?.endsWith('/setpriv')
        ? whole.slice(whole.indexOf('--') + 1)
        : whole;
      const config = /--config-file=([^ ]+)/.exec(words.join(' '))?.[1] ?? '';
      const named = `${words.join(' ')} ${this.#nodes.get(config)?.text ?? ''}`;
      const socket = /(?:path=|--socket |--pid-file=)([^ ,<]+)/.exec(named)?.[1];
      this.#plant(`/proc/${pid}/stat`, stat);
      this.#plant(`/proc/${pid}/cmdline`, [program, ...words].join('\0'));
      this.#add(note, 'file', stat);
      this.#kernel.started(pid, program, words);
      if (socket !== undefined) this.#add(socket, 'socket', '');
      return pid;
    });
  }

  signal(pid: number): boolean {
    return this.#change(() => {
      this.#kernel.ended(pid);
      for (const file of ['stat', 'cmdline']) this.#nodes.delete(`/proc/${pid}/${file}`);
      return this.#nodes.delete(`/proc/${pid}`);
    });
  }

  tryLock(path: string): number | undefined {
    return this.#change(() => ([...this.#fds.values()].includes(path) ? undefined : this.#open(path)));
  }
  makeFifo(path: string): void {
    this.#change(() => this.#add(path, 'fifo', ''));
  }
  fillFifo(path: string): number {
    return this.#open(path);
  }
  listenUnix(path: string): number {
    return this.#change(() => {
      this.#add(path, 'socket', '');
      return this.#open(path);
    });
  }

  #change<T>(act: () => T): T {
    if (this.#dead) throw new Killed();
    this.changes++;
    const hit = this.#injection?.at.has(this.changes) ?? false;
    if (hit && this.#injection?.kind === 'fail') throw systemError('EIO', 'injected');
    if (!hit) return act();
    this.#dead = true;
    try {
      act();
    } catch {
      // The kernel refused it, and the process was killed all the same.
    }
    throw new Killed();
  }

  #plant(path: string, text: string | null): void {
    if (!this.#nodes.has(dirname(path))) this.#plant(dirname(path), null);
    this.#nodes.set(path, { kind: text === null ? 'directory' : 'file', text: text ?? '' });
  }

  #add(path: string, kind: FileStatus['kind'], text: string): void {
    if (this.#nodes.get(dirname(path))?.kind !== 'directory') throw systemError('ENOENT', path);
    this.#nodes.set(path, { kind, text });
  }

  #open(held: string): number {
    const fd = this.#nextFd++;
    this.#fds.set(fd, held);
    return fd;
  }

  #mustExist(path: string): FakeNode {
    const node = this.#nodes.get(path);
    if (node === undefined) throw systemError('ENOENT', path);
    return node;
  }

  #mustNotExist(path: string): void {
    if (this.#nodes.has(path)) throw systemError('EEXIST', path);
  }
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: '${path}'`), { code, path });
}
