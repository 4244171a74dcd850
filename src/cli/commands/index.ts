import type { CommandSpec } from '../command.ts';

const DOMAIN_FILE = ['<file>', 'domain XML, or - for standard input'] as const;
const MACHINE = ['<name>', "the machine's name, or its UUID"] as const;
const PAUSED = ['--paused', "stop before the guest's first instruction; resume goes on"] as const;
const CONSOLE = ['--console', 'attach to its console'] as const;
const MODE = [
  '--mode <mode>',
  'press the power button, or ask the agent in the guest',
  ['acpi', 'agent'],
] as const;
const FD_GROUP = [
  '--fd-group <name=fd,...>',
  'descriptors for disks with this fdgroup; once for each group',
  'repeatable',
] as const;
const COMPILE_OPTIONS = [
  ['--facts <file>', 'recorded facts instead of the real host and QEMU'],
  ['--incoming <uri>', 'for a machine that waits for a migration from URI'],
  ['--abi-update', 'a new definition: pick defaults that an old guest might not like'],
] as const;

const NODE_DEVICE = ['<device>', 'pci_0000_01_00_0, or 0000:01:00.0'] as const;
const MDEV_FILE = ['<file>', 'XML of a <device> with the capability mdev, or - for standard input'] as const;
const MDEV = ['<device>', 'its name in nodedev-list, or its UUID'] as const;
const SECRET = ['<uuid>', "the secret's UUID"] as const;

const control = () => import('./control.ts');
const networks = () => import('./networks.ts');
const NETWORK = ['<name>', "the virtual network's name"] as const;
const secret = () => import('./secret.ts');
const nodedev = () => import('./nodedev.ts');
const mdev = () => import('./mdev.ts');

/** Every command, in the order of the help; virsh's names where virsh has one. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'compile',
    summary: 'print the QEMU command line of a domain: exactly what start executes',
    args: [DOMAIN_FILE],
    options: [
      ...COMPILE_OPTIONS,
      [
        '--format <format>',
        'text: one option a line; sh: a script; argv: one word a line',
        ['text', 'sh', 'argv', 'json'],
      ],
      [
        '--profile <profile>',
        "libvirt: the frame that libvirt 11.3's domxml-to-native prints",
        ['qdom', 'libvirt'],
      ],
    ],
    load: () => import('./compile.ts'),
  },
  {
    name: 'plan',
    summary: 'show what start does to the host and how that is undone, without doing any of it',
    args: [DOMAIN_FILE],
    options: COMPILE_OPTIONS,
    load: () => import('./plan.ts'),
  },
  {
    name: 'normalize',
    summary: 'print the domain with every default, controller and address filled in',
    args: [DOMAIN_FILE],
    options: COMPILE_OPTIONS,
    load: () => import('./normalize.ts'),
  },
  {
    name: 'define',
    summary: 'keep a domain, addresses and all',
    args: [DOMAIN_FILE],
    load: () => import('./define.ts'),
  },
  {
    name: 'undefine',
    summary: 'forget a kept domain, and what its emulated TPM has kept',
    args: [MACHINE],
    options: [
      ['--nvram', 'and remove the file of its UEFI variables'],
      ['--keep-nvram', 'keep that file, and say nothing of it'],
      ['--keep-tpm', "the TPM's state stays"],
    ],
    load: () => import('./undefine.ts'),
  },
  {
    name: 'create',
    summary: 'start a machine from domain XML without keeping it',
    args: [DOMAIN_FILE],
    options: [PAUSED, CONSOLE, FD_GROUP],
    load: () => import('./create.ts'),
  },
  {
    name: 'start',
    summary: 'start a defined machine',
    args: [MACHINE],
    options: [PAUSED, CONSOLE, FD_GROUP],
    load: () => import('./start.ts'),
  },
  {
    name: 'run',
    summary: "run a machine in the foreground: its console here, QEMU's exit status as ours; ^] ends it",
    args: [DOMAIN_FILE],
    options: [['-v, --verbose', 'show the command line and the events as well'], FD_GROUP],
    load: () => import('./run.ts'),
  },
  {
    name: 'list',
    summary: 'list machines that run',
    options: [
      ['--all', 'and those that are defined'],
      ['--inactive', 'those that are defined and do not run'],
      ['--persistent', 'only those that are defined'],
      ['--transient', 'only those that are not'],
      ['--name', 'names only'],
      ['--uuid', 'UUIDs only, or before the names'],
    ],
    load: () => import('./list.ts'),
  },
  { name: 'dominfo', summary: 'tell about a machine', args: [MACHINE], load: () => import('./dominfo.ts') },
  {
    name: 'domstate',
    summary: "tell a machine's state",
    args: [MACHINE],
    options: [['--reason', 'and why']],
    load: () => import('./domstate.ts'),
  },
  {
    name: 'dumpxml',
    summary: 'print the domain XML of a machine: of the running one, else as it is defined',
    args: [MACHINE],
    options: [
      ['--inactive', 'as it is defined, even if it runs'],
      ['--security-info', 'with passwords and cookies'],
    ],
    load: () => import('./dumpxml.ts'),
  },
  {
    name: 'console',
    summary: 'attach to a console; ^] leaves it',
    args: [MACHINE, ['[device]', 'alias of a serial or console device: serial0']],
    load: () => import('./console.ts'),
  },
  {
    name: 'shutdown',
    summary: 'ask the guest to power off',
    args: [MACHINE],
    options: [MODE],
    load: async () => (await control()).shutdown,
  },
  {
    name: 'reboot',
    summary: 'ask the guest to reboot',
    args: [MACHINE],
    options: [MODE],
    load: async () => (await control()).reboot,
  },
  {
    name: 'reset',
    summary: 'reset a machine at once',
    args: [MACHINE],
    load: async () => (await control()).reset,
  },
  {
    name: 'suspend',
    summary: 'stop the virtual CPUs',
    args: [MACHINE],
    load: async () => (await control()).suspend,
  },
  { name: 'resume', summary: 'let them go on', args: [MACHINE], load: async () => (await control()).resume },
  {
    name: 'destroy',
    summary: 'end a machine at once',
    args: [MACHINE],
    options: [['--graceful', 'never by SIGKILL: rather fail']],
    load: () => import('./destroy.ts'),
  },
  {
    name: 'events',
    summary: "print the events of a machine's life",
    args: [MACHINE],
    options: [['-f, --follow', 'and those that come, until it ends']],
    load: () => import('./events.ts'),
  },
  {
    name: 'qmp',
    summary: "execute any QMP command: qdom qmp NAME query-status '{…}'",
    args: [
      MACHINE,
      [
        '<command>',
        'the command\'s name, a message {"execute": …} or {"exec-oob": …}, or - for one on standard input',
      ],
      ['[arguments]', 'a JSON object'],
    ],
    load: () => import('./qmp.ts'),
  },
  {
    name: 'net-define',
    summary: 'keep a virtual network',
    args: [['<file>', 'network XML, or - for standard input']],
    load: async () => (await networks()).netDefine,
  },
  {
    name: 'net-undefine',
    summary: 'forget a kept virtual network',
    args: [NETWORK],
    load: async () => (await networks()).netUndefine,
  },
  {
    name: 'net-start',
    summary: 'start a virtual network: its bridge, its firewall table, its dnsmasq',
    args: [NETWORK],
    load: async () => (await networks()).netStart,
  },
  {
    name: 'net-destroy',
    summary: 'end a virtual network; the host is as it was',
    args: [NETWORK],
    load: async () => (await networks()).netDestroy,
  },
  {
    name: 'net-list',
    summary: 'list virtual networks that are active',
    options: [
      ['--all', 'and those that are not'],
      ['--inactive', 'those that are not'],
      ['--name', 'names only'],
    ],
    load: async () => (await networks()).netList,
  },
  {
    name: 'net-dumpxml',
    summary: 'print the XML of a virtual network: of the active one, else as it is defined',
    args: [NETWORK],
    options: [['--inactive', 'as it is defined, even if it is active']],
    load: async () => (await networks()).netDumpxml,
  },
  {
    name: 'reap',
    summary: 'clean up after machines that have ended',
    args: [['[name]', "the machine's name"]],
    options: [['--all', 'every machine']],
    load: () => import('./reap.ts'),
  },
  {
    name: 'secret-define',
    summary: 'keep a secret, or replace what is known of one; its value is set by secret-set-value',
    args: [['<file>', 'secret XML, or - for standard input']],
    load: async () => (await secret()).define,
  },
  {
    name: 'secret-set-value',
    summary: 'give a secret its value, in base64',
    args: [SECRET, ['[value]', '- for standard input']],
    options: [
      ['--file <file>', 'read it from a file'],
      ['--plain', 'the bytes as they are, not base64'],
      ['-i, --interactive', 'type it, as it is'],
    ],
    load: async () => (await secret()).setValue,
  },
  {
    name: 'secret-get-value',
    summary: 'print the value of a secret that is not private, in base64',
    args: [SECRET],
    options: [['--plain', 'the bytes as they are']],
    load: async () => (await secret()).getValue,
  },
  {
    name: 'secret-list',
    summary: 'list secrets',
    options: [
      ['--ephemeral', 'those that are kept in memory only'],
      ['--no-ephemeral', 'those that are kept on disk'],
      ['--private', 'those whose values are not shown'],
      ['--no-private', 'the others'],
    ],
    load: async () => (await secret()).list,
  },
  {
    name: 'secret-dumpxml',
    summary: 'print what is known of a secret, without its value',
    args: [SECRET],
    load: async () => (await secret()).dumpxml,
  },
  {
    name: 'secret-undefine',
    summary: 'forget a secret and its value',
    args: [SECRET],
    load: async () => (await secret()).undefine,
  },
  {
    name: 'nodedev-list',
    summary: "list the host's devices",
    options: [
      [
        '--cap <types>',
        'of these types only, with commas: pci, net, usb_device, scsi_host, scsi, storage, mdev, mdev_types, vfio',
      ],
      ['--tree', 'each below its parent'],
      ['--all', 'and mediated devices that are only defined'],
      ['--inactive', 'only mediated devices that are defined and not there'],
      ['--persistent', 'only those that are defined'],
      ['--transient', 'only those that are not defined'],
    ],
    load: async () => (await nodedev()).list,
  },
  {
    name: 'nodedev-dumpxml',
    summary: 'print what is known of a device of the host',
    args: [['<device>', 'its name in nodedev-list']],
    options: [['--inactive', 'a mediated device as it is defined']],
    load: async () => (await nodedev()).dumpxml,
  },
  {
    name: 'nodedev-create',
    summary: 'make a mediated device, until nodedev-destroy or the next boot',
    args: [MDEV_FILE],
    load: async () => (await mdev()).create,
  },
  {
    name: 'nodedev-define',
    summary: 'keep a mediated device: machines that name its UUID have it made for them',
    args: [MDEV_FILE],
    load: async () => (await mdev()).define,
  },
  {
    name: 'nodedev-undefine',
    summary: 'forget a kept mediated device; one that is there stays',
    args: [MDEV],
    load: async () => (await mdev()).undefine,
  },
  {
    name: 'nodedev-start',
    summary: 'make a kept mediated device, until nodedev-destroy or the next boot',
    args: [MDEV],
    load: async () => (await mdev()).start,
  },
  {
    name: 'nodedev-destroy',
    summary: 'remove a mediated device that no machine has',
    args: [MDEV],
    load: async () => (await mdev()).destroy,
  },
  {
    name: 'nodedev-detach',
    summary: 'take a PCI function from its driver for guests, until nodedev-reattach',
    args: [NODE_DEVICE],
    options: [['--driver <driver>', 'a vfio driver other than vfio-pci']],
    load: async () => (await nodedev()).detach,
  },
  {
    name: 'nodedev-reattach',
    summary: 'give a PCI function back to its driver',
    args: [NODE_DEVICE],
    load: async () => (await nodedev()).reattach,
  },
  {
    name: 'nodedev-reset',
    summary: 'reset a PCI function',
    args: [NODE_DEVICE],
    load: async () => (await nodedev()).reset,
  },
  {
    name: 'doctor',
    summary: 'tell what this host can and what it lacks',
    options: [
      ['--record', 'print what QEMU says it can do: a transcript to send with a report'],
      ['--qemu <binary>', 'of this QEMU'],
    ],
    load: () => import('./doctor.ts'),
  },
];
