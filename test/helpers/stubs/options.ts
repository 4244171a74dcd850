import type { HostRequirement, Plan, Props, QemuOption } from '../../../src/plan/index.ts';
import { QMP_LISTENER_FD } from '../../../src/plan/index.ts';
import { certificates } from './certificates.ts';
import { type Fields, fieldsOf, isProps, withFields } from './fields.ts';
import { makeImages, nodeFile, SECRET } from './images.ts';
import { freePort, type StubResources } from './resources.ts';

/** A plan's options with every resource replaced by one that is here. */
export interface Stubbed {
  readonly options: readonly QemuOption[];
  /** The descriptors by the name that FdRef gives. */
  readonly fds: ReadonlyMap<string, number>;
  readonly monitor: string;
}

const MONITOR = '/qmp';

/** Makes what the plan's QEMU opens, connects to and listens on. */
export async function stubPlan(plan: Plan, resources: StubResources): Promise<Stubbed> {
  await makeImages(plan.options, resources);
  const fds = new Map([[QMP_LISTENER_FD, resources.unixListener(MONITOR)]]);
  for (const need of plan.host) stubDescriptor(need, resources, fds);
  for (const socket of tpmSockets(plan)) await resources.tpm(socket);
  const options: QemuOption[] = [];
  for (const option of plan.options) {
    const stub = STUBS[option.option];
    options.push(stub ? withFields(option, await stub(fieldsOf(option), resources)) : option);
  }
  return { options, fds, monitor: resources.locate(MONITOR) };
}

/** The sockets at which emulated TPMs listen, the machine's own or somebody else's. */
function tpmSockets({ options }: Plan): readonly string[] {
  const of = (name: string) => options.filter(({ option }) => option === name).map(fieldsOf);
  const chardevs = new Set(of('-tpmdev').map(({ chardev }) => chardev));
  return of('-chardev').flatMap(({ id, path }) => (chardevs.has(id) ? [String(path)] : []));
}

function stubDescriptor(need: HostRequirement, resources: StubResources, fds: Map<string, number>): void {
  if (need.type === 'unix-listener') fds.set(need.fd, resources.unixListener(need.path));
  if (need.type === 'tap' || need.type === 'macvtap') {
    for (const [i, fd] of resources.taps(need.fds.length).entries()) fds.set(need.fds[i] ?? '', fd);
    for (const name of need.vhostFds) fds.set(name, resources.open('/dev/vhost-net', 'r+'));
  }
  if (need.type === 'output-file') fds.set(need.fd, resources.open(resources.locate(need.path), 'a'));
  if (need.type === 'fd-group')
    fds.set(
      need.fd,
      resources.open(resources.sparse(`/${need.group}`), need.access === 'write' ? 'r+' : 'r'),
    );
}

type Stub = (fields: Fields, resources: StubResources) => Props | Promise<Props>;

/** What is replaced in an option; an option that is not here opens nothing. */
const STUBS: Readonly<Record<string, Stub>> = {
  '-acpitable': ({ file }, r) => ({ file: r.file(String(file), ACPI_TABLE) }),
  '-audiodev': ({ path }, r) => (typeof path === 'string' ? { path: r.locate(path) } : {}),
  '-bios': (f, r) => ({ '': r.sparse(String(f[''])) }),
  '-blockdev': stubBlockdev,
  '-chardev': stubChardev,
  '-device': ({ rootdir, romfile }, r) => ({
    ...(typeof rootdir === 'string' && { rootdir: r.directory(rootdir) }),
    ...(typeof romfile === 'string' && romfile !== '' && { romfile: r.sparse(romfile, 64 * 1024) }),
  }),
  '-drive': ({ file }, r) => (typeof file === 'string' ? { file: r.sparse(file) } : {}),
  '-dtb': (f, r) => ({ '': r.sparse(String(f[''])) }),
  '-fsdev': ({ path }, r) => (typeof path === 'string' ? { path: r.directory(path) } : {}),
  '-fw_cfg': ({ file }, r) => (typeof file === 'string' ? { file: r.sparse(file, 16) } : {}),
  '-incoming': () => ({ '': 'tcp:127.0.0.1:0' }),
  '-initrd': (f, r) => ({ '': r.sparse(String(f['']), 4096) }),
  '-shim': (f, r) => ({ '': r.sparse(String(f['']), 4096) }),
  '-kernel': (f, r) => ({ '': r.file(String(f['']), kernelImage()) }),
  '-netdev': stubNetdev,
  // Locking would touch every page of the guest's memory.
  '-overcommit': () => ({ 'mem-lock': false }),
  '-object': stubObject,
  '-spice': stubSpice,
  '-vnc': stubVnc,
};

/**
 * A host device is a file here: there is no other way to have one that nobody misses. Each node has a file of its own,
 * as QEMU locks what it writes.
 */
function stubBlockdev({ driver, filename, dir, 'node-name': node }: Fields, r: StubResources): Props {
  return {
    ...(driver === 'host_device' && { driver: 'file' }),
    ...(typeof filename === 'string' && { filename: r.sparse(nodeFile(node, filename)) }),
    ...(typeof dir === 'string' && { dir: r.directory(dir) }),
  };
}

async function stubChardev(fields: Fields, r: StubResources): Promise<Props> {
  const { '': type, path, logfile, server } = fields;
  const log = typeof logfile === 'string' ? { logfile: r.locate(logfile) } : {};
  if (typeof path === 'string') {
    if (type === 'pipe') for (const end of ['in', 'out']) r.file(`${path}.${end}`, '');
    const connects = type === 'socket' && server !== true;
    return { ...log, path: connects ? await r.unixServer(path) : r.locate(path) };
  }
  if (type === 'udp') return { ...log, host: '127.0.0.1', localport: 0 };
  if (!('port' in fields)) return log;
  return { ...log, host: '127.0.0.1', port: server === true ? 0 : await r.tcpServer() };
}

async function stubNetdev({ addr, listen, connect, udp }: Fields, r: StubResources): Promise<Props> {
  if (isProps(addr) && typeof addr.path === 'string')
    return { addr: { ...addr, path: await r.unixServer(addr.path) } };
  return {
    ...(listen !== undefined && { listen: '127.0.0.1:0' }),
    ...(connect !== undefined && { connect: `127.0.0.1:${await r.tcpServer()}` }),
    ...(udp !== undefined && { localaddr: '127.0.0.1:0' }),
  };
}

async function stubObject(fields: Fields, r: StubResources): Promise<Props> {
  const { 'qom-type': type, file, path } = fields;
  if (type === 'secret' && typeof file === 'string') return { file: r.file(file, SECRET) };
  if (type === 'pr-manager-helper') return { path: await r.unixServer(String(path), NO_FEATURES) };
  if (type === 'tls-creds-x509') return { dir: await certificates(String(fields.dir), r) };
  return stubMemory(fields, r);
}

/** Ordinary pages stand for huge ones, and the one node that every host has for those that the domain names. */
function stubMemory(fields: Fields, r: StubResources): Props {
  const path = fields['mem-path'];
  return {
    ...(typeof path === 'string' && { 'mem-path': isFile(path) ? r.locate(path) : r.directory(path) }),
    ...('hugetlb' in fields && { hugetlb: false }),
    ...('prealloc' in fields && { prealloc: false }),
    ...('host-nodes' in fields && { 'host-nodes': [0] }),
  };
}

/** A path on a hugetlbfs is a directory in which QEMU makes a file of its own. */
function isFile(path: string): boolean {
  return !/(?:hugepages|hugetlbfs)/.test(path);
}

async function stubSpice(fields: Fields, r: StubResources): Promise<Props> {
  const { addr, unix, port, 'tls-port': tlsPort, 'x509-dir': directory } = fields;
  if (unix === true) return { addr: r.locate(String(addr)) };
  return {
    addr: '127.0.0.1',
    ...(port !== 0 && { port: await freePort() }),
    ...(tlsPort !== undefined && { 'tls-port': await freePort() }),
    ...(typeof directory === 'string' && { 'x509-dir': await certificates(directory, r) }),
  };
}

/** VNC's display N is port 5900 + N. */
async function stubVnc({ '': address, vnc, websocket }: Fields, r: StubResources): Promise<Props> {
  const web = websocket === undefined ? {} : { websocket: await freePort() };
  const unix = /^unix:(.*)$/.exec(String(vnc ?? address));
  if (unix) return { [vnc === undefined ? '' : 'vnc']: `unix:${r.locate(unix[1] ?? '')}`, ...web };
  return String(address) === 'none' ? web : { '': `127.0.0.1:${(await freePort()) - 5900}`, ...web };
}

/** The features that a helper for persistent reservations offers, said first (docs/interop/pr-helper). */
const NO_FEATURES = new Uint8Array(4);

/** An ACPI table's header and nothing else: its signature and its length. */
const ACPI_TABLE = Buffer.concat([Buffer.from('SSDT\x24\0\0\0'), Buffer.alloc(28)]);

/** The least that QEMU takes for a Linux kernel (Linux, Documentation/arch/x86/boot.rst: boot protocol 2.12). */
function kernelImage(): Uint8Array {
  const image = Buffer.alloc(64 * 1024);
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x20c, 0x206);
  image.writeUInt8(1, 0x211);
  image.writeUInt32LE(0x7fffffff, 0x22c);
  return image;
}
