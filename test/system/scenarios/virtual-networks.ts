/** Virtual networks of each kind, and a Linux guest on one: prints what was there meanwhile and what is left. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { realHost } from '../../../src/host/real.ts';
import { attachConsole, findDirectories, type MachineContext } from '../../../src/machine/index.ts';
import { linuxGuest } from '../../guest/linux.ts';
import { qdom } from '../../helpers/cli.ts';
import { ConsoleReader } from '../../helpers/console-reader.ts';
import { networkState } from '../../helpers/network-state.ts';

const guest = await linuxGuest();
if ('missing' in guest) throw new Error(guest.missing);

const root = mkdtempSync(path.join(tmpdir(), 'qdom-networks-'));
const cx: MachineContext = {
  directories: findDirectories({ root, uid: 0, home: root, env: {} }),
  host: realHost(),
  reapCommand: [],
};
const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const MAC = '52:54:00:00:00:07';

const NETWORKS: Record<string, string> = {
  default: `<forward mode='nat'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
    <range start='192.168.122.100' end='192.168.122.200'/><host mac='${MAC}' name='seven' ip='192.168.122.7'/></dhcp></ip>`,
  alone: "<ip address='10.5.0.1' prefix='24'/>",
  routed:
    "<forward mode='route'/><bridge name='routed0' stp='off' delay='3'/><ip address='10.6.0.1' prefix='24'/>",
};

const points: Record<string, unknown> = {};
try {
  const before = {
    ...(await networkState()),
    firewall: await firewall(),
    forward: readFileSync(FORWARD, 'utf8'),
  };
  for (const [name, inner] of Object.entries(NETWORKS)) {
    await must('net-define', write(name, `<network><name>${name}</name>${inner}</network>`));
    await must('net-start', name);
  }
  points.list = JSON.parse((await qdom(root, ['net-list', '--json'])).stdout);
  points.firewall = await firewall();
  points.forward = readFileSync(FORWARD, 'utf8').trim();
  points.bridge = (await execa('ip', ['-d', 'link', 'show', 'routed0'])).stdout;
  points.again = (await qdom(root, ['net-start', 'default'])).stderr;
  const console = await boot(guest);
  // The lease is shown; nothing is set.
  await console.run('ifconfig eth0 up');
  points.lease = await console.run('udhcpc -i eth0 -n -q -t 10 -s /bin/true 2>&1');
  points.gateway = await console.run(
    'ifconfig eth0 192.168.122.7 netmask 255.255.255.0; ping -c 1 -W 3 192.168.122.1 >/dev/null && echo yes || echo no',
  );
  await must('destroy', 'guest');
  for (const name of Object.keys(NETWORKS)) await must('net-destroy', name);
  points.afterwards = await qdom(root, ['create', path.join(root, 'guest.xml')]).then((r) => r.stderr);
  const after = {
    ...(await networkState()),
    firewall: await firewall(),
    forward: readFileSync(FORWARD, 'utf8'),
  };
  points.same = JSON.stringify(after) === JSON.stringify(before) || { before, after };
} finally {
  await qdom(root, ['destroy', 'guest']);
  for (const name of Object.keys(NETWORKS)) await qdom(root, ['net-destroy', name]);
  rmSync(root, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify(points));

async function firewall(): Promise<string> {
  return (await execa('nft', ['list', 'ruleset'])).stdout;
}

async function must(...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await qdom(root, args);
  if (exitCode !== 0) throw new Error(stderr);
}

function write(name: string, xml: string): string {
  const file = path.join(root, `${name}.xml`);
  writeFileSync(file, xml);
  return file;
}

async function boot({ kernel, initrd }: { kernel: string; initrd: string }): Promise<ConsoleReader> {
  const file = write(
    'guest',
    `<domain type='qemu'><name>guest</name><memory unit='MiB'>256</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type><kernel>${kernel}</kernel><initrd>${initrd}</initrd>
    <cmdline>console=ttyS0 quiet</cmdline></os><devices>
    <interface type='network'><mac address='${MAC}'/><source network='default'/><model type='virtio'/></interface>
    <serial type='pty'/><memballoon model='none'/></devices></domain>`,
  );
  await must('create', '--paused', file);
  const console = new ConsoleReader(await attachConsole(cx, 'guest'));
  await must('resume', 'guest');
  await console.until('guest is up');
  await console.quiet();
  return console;
}
