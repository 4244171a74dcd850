import { dirname, join } from 'node:path';

/** The files of a fake host, as the kernel behind some of them sees them. */
export interface FakeFiles {
  text(path: string): string | undefined;
  /** A directory if there is no text. */
  plant(path: string, text: string | null): void;
  kind(path: string): string | undefined;
  list(path: string): readonly string[];
  remove(path: string): void;
}

const CGROUPS = '/sys/fs/cgroup/';
const RT_RUNTIME = 'cpu.rt_runtime_us';
/** Those that something is written into. */
const FILES_V1: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu.shares', 'cpu.cfs_period_us', 'cpu.cfs_quota_us', 'tasks'],
  cpuset: ['cpuset.cpus', 'cpuset.mems'],
  devices: ['devices.deny', 'devices.allow', 'devices.list'],
  memory: ['memory.limit_in_bytes', 'memory.soft_limit_in_bytes', 'memory.memsw.limit_in_bytes'],
  blkio: [
    'blkio.bfq.weight',
    'blkio.bfq.weight_device',
    ...['read_iops', 'write_iops', 'read_bps', 'write_bps'].map((what) => `blkio.throttle.${what}_device`),
  ],
};
const FILES_V2 = [
  'cgroup.procs',
  ...['cgroup.subtree_control', 'cgroup.type', 'cgroup.threads', 'cpu.weight', 'cpu.max', 'cpuset.mems'],
  ...['memory.max', 'memory.high', 'memory.swap.max', 'io.bfq.weight', 'io.max'],
];
const RESCTRL = '/sys/fs/resctrl';
const MOUNTS = '/proc/self/mounts';

/** What the kernel does when its files are written: cgroups, hugepages, mounts. */
export class FakeKernel {
  readonly #files: FakeFiles;

  constructor(files: FakeFiles) {
    this.#files = files;
  }

  /** Directories whose files come and go with them. */
  ownsFilesOf(path: string): boolean {
    return path.startsWith(CGROUPS) || path.startsWith(`${RESCTRL}/`);
  }

  /** Whether something in such a directory goes with it: its files, and the empty directory that the kernel put there. */
  vanishes(path: string): boolean {
    if (path.endsWith('/mon_groups')) return this.#files.list(path).length === 0;
    return this.#files.kind(path) === 'file';
  }

  madeDirectory(path: string): void {
    if (path.startsWith(`${RESCTRL}/`)) this.#files.plant(join(path, 'tasks'), '');
    // A new group has what no other has; here that is what the default group has.
    if (dirname(path) === RESCTRL) {
      this.#files.plant(join(path, 'schemata'), this.#files.text(`${RESCTRL}/schemata`) ?? '');
      this.#files.plant(join(path, 'mon_groups'), null);
    }
    if (!path.startsWith(CGROUPS)) return;
    const control = this.#files.text(join(dirname(path), 'cgroup.subtree_control'));
    const [, mount = ''] = path.slice(0, -1).split(CGROUPS);
    const names = control === undefined ? FILES_V1[mount.split('/')[0] ?? ''] : FILES_V2;
    for (const name of names ?? []) this.#files.plant(join(path, name), '');
    if (control !== undefined) this.#files.plant(join(path, 'cgroup.controllers'), control);
    if (this.#files.text(join(dirname(path), RT_RUNTIME)) !== undefined)
      this.#files.plant(join(path, RT_RUNTIME), '0');
  }

  /** Whether the file is one of those that do something else than keep what is written. */
  write(path: string, text: string): boolean {
    if (path.endsWith('/cgroup.subtree_control')) this.#control(path, text);
    else if (path.endsWith('/schemata')) this.#schemata(path, text);
    else if (path.endsWith('/nr_hugepages')) this.#setPages(path, Number(text));
    else if (path.startsWith('/sys/bus/usb/drivers/'))
      this.#files.plant(`/sys/bus/usb/devices/${text}/driver`, dirname(path));
    else if (path.endsWith('/devices.deny')) this.#files.plant(path.replace(/deny$/, 'list'), '');
    else if (path.endsWith('/devices.allow')) {
      const list = path.replace(/allow$/, 'list');
      this.#files.plant(list, `${this.#files.text(list) ?? ''}${text}\n`);
    } else if (path.startsWith(CGROUPS) && this.#files.text(path) === undefined)
      throw Object.assign(new Error(`ENOENT: '${path}'`), { code: 'ENOENT' });
    else return false;
    return true;
  }

  /** systemd-run(1): the process is in a scope of its own, which is there as long as the process is. */
  started(pid: number, program: string, words: readonly string[]): void {
    if (!program.endsWith('/systemd-run')) return;
    const option = (name: string) =>
      words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const parts = (option('--slice') ?? '').replace('.slice', '').split('-');
    const slices = parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`);
    const group = [...slices, option('--unit')].join('/');
    const path = join(CGROUPS, 'unified', group);
    this.#files.plant(path, null);
    this.#files.plant(join(path, 'cgroup.controllers'), 'cpu cpuset io memory');
    this.#files.plant(join(path, 'cgroup.subtree_control'), '');
    this.#files.plant(`/proc/${pid}/cgroup`, `0::/${group}\n`);
  }

  ended(pid: number): void {
    const group = /^0::(.*\.scope)$/m.exec(this.#files.text(`/proc/${pid}/cgroup`) ?? '')?.[1];
    this.#files.remove(`/proc/${pid}/cgroup`);
    if (group !== undefined) this.#removeTree(join(CGROUPS, 'unified', group));
  }

  #removeTree(path: string): void {
    for (const name of this.#files.list(path)) this.#removeTree(join(path, name));
    this.#files.remove(path);
  }

  /** mount(8) and umount(8). */
  run(program: string, args: readonly string[]) {
    const done = { exitCode: 0, stdout: '', stderr: '' };
    const path = args.at(-1) ?? '';
    const mounts = this.#files.text(MOUNTS) ?? '';
    if (program === 'mount') {
      const option = (name: string) => args[args.indexOf(name) + 1] ?? '';
      this.#files.plant(MOUNTS, `${mounts}none ${path} ${option('-t')} rw,${option('-o')} 0 0\n`);
      return done;
    }
    if (program !== 'umount') return undefined;
    const lines = mounts.split('\n').filter((line) => line.split(' ')[1] !== path);
    if (lines.join('\n') === mounts)
      return { exitCode: 32, stdout: '', stderr: `umount: ${path}: not mounted.` };
    this.#files.plant(MOUNTS, lines.join('\n'));
    return done;
  }

  /** A group inside has the controllers that are turned on in the group around it (kernel: cgroup-v2). */
  #control(path: string, text: string): void {
    const group = dirname(path);
    const name = text.slice(1);
    const on = (this.#files.text(path) ?? '').split(' ').filter((word) => word !== name && word !== '');
    const after = (text.startsWith('+') ? [...on, name] : on).join(' ');
    this.#files.plant(path, after);
    for (const inner of this.#files.list(group))
      if (this.#files.text(join(group, inner, 'cgroup.controllers')) !== undefined)
        this.#files.plant(join(group, inner, 'cgroup.controllers'), after);
  }

  /** A line replaces that of its resource. */
  #schemata(path: string, line: string): void {
    const resource = line.split(':')[0] ?? '';
    const others = (this.#files.text(path) ?? '')
      .split('\n')
      .filter((l) => !l.trim().startsWith(`${resource}:`));
    this.#files.plant(path, [...others.filter(Boolean), line.trim(), ''].join('\n'));
  }

  /** Pages come out of what is in `memory_for_hugepages` beside the file (a file of this fake only), if that is there. */
  #setPages(path: string, wanted: number): void {
    const pool = dirname(path);
    const size = pool.slice(pool.lastIndexOf('/') + 1);
    const number = (file: string) => Number(this.#files.text(file) ?? 0);
    const used = number(path) - number(join(pool, 'free_hugepages'));
    const most = Number(this.#files.text(join(pool, 'memory_for_hugepages')) ?? Number.POSITIVE_INFINITY);
    const delta = Math.min(Math.max(wanted, used), most) - number(path);
    const all = join('/sys/kernel/mm/hugepages', size);
    const node = join('/sys/devices/system/node/node0/hugepages', size);
    for (const directory of pool === all ? [all, node] : [pool, all])
      for (const file of ['nr_hugepages', 'free_hugepages'].map((name) => join(directory, name)))
        if (this.#files.text(file) !== undefined) this.#files.plant(file, `${number(file) + delta}\n`);
  }
}
