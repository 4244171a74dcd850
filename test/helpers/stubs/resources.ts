import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { realHost } from '../../../src/host/real.ts';

const MiB = 1024 * 1024;
/** What every host has; QEMU opens them as they are. */
const EVERYWHERE = /^\/dev\/(null|zero|random|urandom|fdset\/\d+)$/;

/** The files, sockets and descriptors that one QEMU finds, below a directory that stands for `/`. */
export class StubResources {
  readonly root = mkdtempSync(path.join(tmpdir(), 'qdom-'));
  readonly #servers = new Map<string, Server>();
  readonly #connections = new Set<Socket>();
  readonly #fds: number[] = [];
  readonly #children: { readonly child: ChildProcess; readonly gone: Promise<unknown> }[] = [];
  /** Sockets of programs that this started. */
  readonly #listening = new Set<string>();

  /** Where a path of the plan is here; its directory is made. */
  locate(name: string): string {
    if (EVERYWHERE.test(name)) return name;
    const located = path.join(this.root, name);
    mkdirSync(path.dirname(located), { recursive: true });
    return located;
  }

  /** A file of zeros that takes no space. One that is there stays. */
  sparse(name: string, sizeBytes = 4 * MiB): string {
    const located = this.locate(name);
    if (located === name) return name;
    const fd = openSync(located, 'a');
    closeSync(fd);
    truncateSync(located, sizeBytes);
    return located;
  }

  file(name: string, content: string | Uint8Array): string {
    const located = this.locate(name);
    writeFileSync(located, content);
    return located;
  }

  directory(name: string): string {
    const located = this.locate(name);
    mkdirSync(located, { recursive: true });
    return located;
  }

  /** A unix socket that takes connections and greets them. */
  async unixServer(name: string, greeting?: Uint8Array): Promise<string> {
    const located = this.locate(name);
    if (!this.#servers.has(located) && !this.#listening.has(located))
      await this.#listen(located, { path: located }, greeting);
    return located;
  }

  /** An emulated TPM, which listens until its one client is gone. */
  async tpm(socket: string): Promise<void> {
    const located = this.locate(socket);
    const child = spawn(
      'swtpm',
      [
        ...['socket', '--terminate', '--tpm2', '--ctrl', `type=unixio,path=${located}`],
        ...['--tpmstate', `dir=${this.directory(`${socket}.state`)}`],
      ],
      { stdio: 'ignore' },
    );
    this.#children.push({ child, gone: once(child, 'exit') });
    await waitUntil(() => existsSync(located), `swtpm does not listen at '${located}'`);
    this.#listening.add(located);
  }

  /** The port of a server on 127.0.0.1 that takes connections. */
  async tcpServer(): Promise<number> {
    return portOf(await this.#listen(`tcp ${this.#servers.size}`, { host: '127.0.0.1', port: 0 }));
  }

  /** A socket for QEMU to listen on. */
  unixListener(name: string): number {
    return this.#keep(realHost().listenUnix(this.locate(name)));
  }

  /** The queues of a tap that goes away with them. */
  taps(queues: number): readonly number[] {
    const { fds } = realHost().openTap({ name: 'qdomstub%d', queues });
    return fds.map((fd) => this.#keep(fd));
  }

  open(located: string, flags: 'a' | 'r' | 'r+'): number {
    return this.#keep(openSync(located, flags));
  }

  async end(): Promise<void> {
    for (const fd of this.#fds) closeSync(fd);
    for (const connection of this.#connections) connection.destroy();
    for (const { child, gone } of this.#children) {
      child.kill('SIGKILL');
      await gone;
    }
    await Promise.all([...this.#servers.values()].map((s) => new Promise((closed) => s.close(closed))));
    rmSync(this.root, { recursive: true });
  }

  #keep(fd: number): number {
    this.#fds.push(fd);
    return fd;
  }

  async #listen(key: string, at: { path: string } | { host: string; port: number }, greeting?: Uint8Array) {
    const server = createServer((socket) => {
      this.#connections.add(socket.on('error', () => {}));
      if (greeting !== undefined) socket.write(greeting);
    });
    this.#servers.set(key, server);
    await new Promise<void>((listening, failed) => {
      server.on('error', failed).listen(at, listening);
    });
    return server;
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => {
    server.listen({ host: '127.0.0.1', port: 0 }, listening);
  });
  const port = portOf(server);
  await new Promise((closed) => server.close(closed));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP server');
  return address.port;
}

const WAIT_MS = 20_000;

async function waitUntil(isTrue: () => boolean, complaint: string): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !isTrue(); await sleep(20))
    if (Date.now() > end) throw new Error(complaint);
}
