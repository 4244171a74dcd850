import { describe, expect, it } from 'vitest';
import { listeners } from '../../../src/host/listening-ports.ts';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const start = (host: FakeHost, machine: string, requirement: HostRequirement) =>
  realise([requirement], host, `/run/${machine}.jsonl`, {
    ...{ directory: '/run/owners', machine, isThere: () => true },
  }).then(
    () => 'started',
    (error: Error) => error.message,
  );

const HEAD = '  sl  local_address rem_address   st\n';
const tcp = (...lines: readonly string[]) => HEAD + lines.map((line, n) => `   ${n}: ${line}\n`).join('');

describe('a port', () => {
  const at = (address: string, protocol: 'tcp' | 'udp' = 'tcp'): HostRequirement => ({
    ...{ type: 'port', device: 'vnc', port: 5931 },
    ...{ address, protocol },
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['', '127.0.0.1'],
    ['', '::1'],
    ['::', '0:0:0:0:0:0:0:1'],
    ['[::1]', '::1'],
    ['', 'host.example'],
    ['', '0.0.0.0'],
  ])('of one machine is not another’s: %o and %o', async (one, other) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const host = new FakeHost({ '/run': null });
      expect(await start(host, 'first', at(first))).toBe('started');
      expect(await start(host, 'second', at(second))).toMatch(/^'tcp:.*:5931' is in use by domain 'first'$/);
    }
  });

  it.each([
    ['127.0.0.1', '192.0.2.1'],
    ['0.0.0.0', '::1'],
    ['127.0.0.1', '::1'],
  ])('may be two machines’ at different addresses: %o and %o', async (one, other) => {
    const host = new FakeHost({ '/run': null });
    expect(await start(host, 'first', at(one))).toBe('started');
    expect(await start(host, 'second', at(other))).toBe('started');
    expect(await start(host, 'third', at(one, 'udp'))).toBe('started');
  });

  it.each([
    ['127.0.0.1', '/proc/net/tcp', '0100007F:172B 00000000:0000 0A'],
    ['127.0.0.1', '/proc/net/tcp', '00000000:172B 00000000:0000 0A'],
    ['127.0.0.1', '/proc/net/tcp6', '0000000000000000FFFF00000100007F:172B 0:0 0A'],
    ['0:0:0:0:0:0:0:1', '/proc/net/tcp6', '00000000000000000000000001000000:172B 0:0 0A'],
    ['::', '/proc/net/tcp6', '00000000000000000000000000000000:172B 0:0 0A'],
  ])(
    'at which another program listens is told before anything is done: %o, %s %s',
    async (address, file, line) => {
      const host = new FakeHost({ '/run': null, [file]: tcp(line) });
      expect(await start(host, 'first', at(address))).toBe(
        `the TCP port '${address}:5931', at which 'vnc' is to listen, is another program's`,
      );
      expect(host.changes).toBe(0);
    },
  );

  it.each([
    ['192.0.2.1', '/proc/net/tcp', '0100007F:172B 00000000:0000 0A'],
    ['127.0.0.1', '/proc/net/tcp', '0100007F:172C 00000000:0000 0A'],
    ['127.0.0.1', '/proc/net/tcp', '0100007F:172B 0100007F:9C40 06'],
    ['host.example', '/proc/net/tcp', '00000000:172B 00000000:0000 0A'],
    // QEMU listens at the addresses that are left.
    ['', '/proc/net/tcp', '00000000:172B 00000000:0000 0A'],
    // Whether it takes IPv4 too is not to be seen.
    ['127.0.0.1', '/proc/net/tcp6', '00000000000000000000000000000000:172B 0:0 0A'],
    ['127.0.0.1', '/proc/net/udp', '0100007F:172B 00000000:0000 07'],
  ])('is free for all that is seen: %o, %s %s', async (address, file, line) => {
    const host = new FakeHost({ '/run': null, [file]: tcp(line) });
    expect(await start(host, 'first', at(address))).toBe('started');
  });

  const passt = (ranges: readonly object[], more: object = {}): HostRequirement =>
    ({
      ...{ type: 'passt', device: 'net0', socket: '/run/passt', vhostUser: false, addresses: [] },
      portForwards: [{ proto: 'tcp', ranges, ...more }],
    }) as HostRequirement;
  const forwarding = async (first: HostRequirement, ...then: readonly HostRequirement[]) => {
    const host = new FakeHost({ '/run': null, '/usr/bin/passt': '' });
    expect(await start(host, 'first', first)).toBe('started');
    const results = [];
    for (const [n, one] of then.entries()) results.push(await start(host, `other${n}`, one));
    return results;
  };

  it('that passt forwards is one machine’s too', async () => {
    const whole = passt([
      { start: 5900, end: 5999, exclude: false },
      { start: 5940, end: 5950, exclude: true },
    ]);
    const free = { ...at(''), port: 5945 } as HostRequirement;
    expect(await forwarding(whole, at('127.0.0.1'), free, at('', 'udp'))).toEqual([
      "'tcp:127.0.0.1:5931' is in use by domain 'first'",
      'started',
      'started',
    ]);
    expect(await forwarding(at('192.0.2.1'), whole, passt([], {}))).toEqual([
      "'tcp:*:5900-5939' is in use by domain 'first'",
      'started',
    ]);
  });

  it('is free again for the machine that had it, and for others', async () => {
    const host = new FakeHost({ '/run': null });
    expect(await start(host, 'other', { ...at(''), port: 1 } as HostRequirement)).toBe('started');
    expect(await start(host, 'first', at(''))).toBe('started');
    expect(await undoSteps(host, '/run/first.jsonl', 'ended')).toEqual([]);
    expect(await start(host, 'second', at('127.0.0.1'))).toBe('started');
    host.removeFile('/run/first.jsonl');
    expect(await start(host, 'first', { ...at(''), port: 2 } as HostRequirement)).toBe('started');
    expect(await undoSteps(host, '/run/second.jsonl', 'ended')).toEqual([]);
    expect(await start(host, 'third', at(''))).toBe('started');
  });

  it('of UDP has no state of listening', () => {
    expect(listeners(tcp('0100007F:172B 00000000:0000 07'), 'udp')).toEqual([
      { address: '127.0.0.1', port: 5931 },
    ]);
  });
});

describe('what another machine takes meanwhile', () => {
  it('is told before the first step', async () => {
    const host = new FakeHost({ '/run': null });
    const port: HostRequirement = { type: 'port', device: 'vnc', protocol: 'tcp', address: '', port: 5900 };
    expect(await start(host, 'first', port)).toBe('started');
    const made: string[] = [];
    const makeDirectory = host.makeDirectory.bind(host);
    host.makeDirectory = (path) => {
      made.push(path);
      makeDirectory(path);
    };
    let looks = 0;
    const starting = realise([{ type: 'directory', path: '/run/sockets' }, port], host, '/run/second.jsonl', {
      ...{ directory: '/run/owners', machine: 'second', isThere: () => looks++ > 0 },
    });
    await expect(starting).rejects.toThrow("'tcp:*:5900' is in use by domain 'first'");
    expect(made).toEqual([]);
  });
});

describe('a file of one machine', () => {
  /** `/var/run` leads to `/run`. */
  function hostWithLink(): FakeHost {
    const host = new FakeHost({ '/run': null, '/var/run': null });
    const realPath = host.realPath.bind(host);
    host.realPath = (path) => realPath(path.replace(/^\/var\/run(?=\/|$)/, '/run'));
    return host;
  }
  const listener = (path: string): HostRequirement => ({
    ...{ type: 'unix-listener', fd: 'serial0-source', ownDirectory: false, path },
  });
  const store = (path: string): HostRequirement => ({
    ...{ type: 'nvram', template: '/run/template', format: 'raw', path },
  });

  it.each([
    ['a socket', listener],
    ['a variable store', store],
  ])('is not another’s by another name: %s', async (_, of) => {
    const host = hostWithLink();
    host.plant('/run/template', '');
    expect(await start(host, 'first', of('/run/a'))).toBe('started');
    expect(await start(host, 'second', of('/var/run/a'))).toBe("'file:/run/a' is in use by domain 'first'");
    const other = hostWithLink();
    other.plant('/run/template', '');
    expect(await start(other, 'first', of('/var/run/a'))).toBe('started');
    expect(await start(other, 'second', of('/run/a'))).toBe("'file:/run/a' is in use by domain 'first'");
  });

  it('nor is a device', async () => {
    const host = hostWithLink();
    const device = (path: string): HostRequirement => ({
      ...{ type: 'device-fd', fd: 'net0-vdpa', isAlone: true, path },
    });
    for (const path of ['/run/dev', '/var/run/dev']) host.plant(path, '');
    expect(await start(host, 'first', device('/run/dev'))).toBe('started');
    expect(await start(host, 'second', device('/var/run/dev'))).toContain("in use by domain 'first'");
  });

  it('is not taken from a program that listens there by another name', async () => {
    const host = hostWithLink();
    host.closeDescriptor(host.listenUnix('/run/a'));
    host.closeDescriptor(host.listenUnix('/var/run/a'));
    host.plant('/proc/net/unix', 'head\n0: 2 0 00010000 0001 01 27 /run/a\n');
    expect(await start(host, 'first', listener('/var/run/a'))).toContain('another program listens there');
  });
});
