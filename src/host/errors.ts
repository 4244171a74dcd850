import { defineErrors } from '../errors/index.ts';

/** What can be wrong with the host or with what is asked of it. */
export const hostErrors = defineErrors('host', () => ({
  'facts-unreadable': {
    class: 'invalid',
    message: (p: { path: string; reason: string }) => `facts file '${p.path}' cannot be used: ${p.reason}`,
    hint: () =>
      "'qdom doctor --record' prints what QEMU says; fixtures/facts.json of the sources is an example",
  },
  'tap-unavailable': {
    class: 'unavailable',
    message: (p: { device: string; reason: string }) => `no tap for interface '${p.device}': ${p.reason}`,
    hint: () =>
      "a tap needs /dev/net/tun and the capability CAP_NET_ADMIN; <interface type='user'> needs neither",
  },
  'tap-taken': {
    class: 'conflict',
    message: (p: { device: string; name: string; holder: string | undefined }) =>
      `tap '${p.name}' of interface '${p.device}' is in use by ${p.holder ?? 'another process'}`,
    hint: () => "give another <target dev='…'/>, or none",
  },
  'bridge-missing': {
    class: 'unavailable',
    message: (p: { device: string; bridge: string }) =>
      `bridge '${p.bridge}' of interface '${p.device}' is not there`,
    hint: (p) => `make it: ip link add ${p.bridge} type bridge && ip link set ${p.bridge} up`,
  },
  'not-a-bridge': {
    class: 'unavailable',
    message: (p: { device: string; bridge: string }) =>
      `'${p.bridge}', named as the bridge of interface '${p.device}', is no bridge`,
    hint: () => 'ip link show type bridge shows those that there are',
  },
  'vhost-net-missing': {
    class: 'unavailable',
    message: (p: { device: string; path: string }) =>
      `interface '${p.device}' asks for vhost and '${p.path}' cannot be opened`,
    hint: () => "load the module (modprobe vhost_net), or give <driver name='qemu'/>",
  },
  'link-missing': {
    class: 'unavailable',
    message: (p: { device: string; link: string }) =>
      `the network interface '${p.link}', which '${p.device}' is to use, is not there`,
    hint: () => 'ip link shows those that there are; one on a virtual network comes with qdom net-start',
  },
  'link-exists': {
    class: 'conflict',
    message: (p: { device: string; link: string }) =>
      `a network interface '${p.link}' is there already: '${p.device}' cannot have one of that name made`,
    hint: (p) => `remove it (ip link delete ${p.link}), or give another <target dev='…'/>, or none`,
  },
  'macvtap-unavailable': {
    class: 'unavailable',
    message: (p: { device: string; link: string; reason: string }) =>
      `no macvtap '${p.link}' for interface '${p.device}': ${p.reason}`,
    hint: () =>
      'a macvtap needs CAP_NET_ADMIN and its device node /dev/tapN, which devtmpfs or udev makes on the host',
  },
  'bridge-without-vlans': {
    class: 'unavailable',
    message: (p: { device: string; bridge: string }) =>
      `interface '${p.device}' asks for VLAN tags and bridge '${p.bridge}' does not filter VLANs`,
    hint: (p) => `turn it on: ip link set ${p.bridge} type bridge vlan_filtering 1`,
  },
  'needs-bridge': {
    class: 'unavailable',
    message: (p: { device: string; what: string }) =>
      `'${p.what}' of interface '${p.device}' needs a Linux bridge under it`,
    hint: (p) => `take '${p.what}' out, or connect the interface to a bridge`,
  },
  'setting-not-implemented': {
    class: 'not-implemented',
    message: (p: { device: string; what: string }) =>
      `'${p.what}' of interface '${p.device}' is not implemented yet`,
    hint: () => 'take it out; docs/networks.md says what there is',
  },
  'program-missing': {
    class: 'unavailable',
    message: (p: { program: string; device: string; package: string }) =>
      `'${p.device}' needs the program '${p.program}', which is not installed`,
    hint: (p) => `apt install ${p.package}`,
  },
  'script-missing': {
    class: 'unavailable',
    message: (p: { device: string; path: string }) =>
      `the script '${p.path}' of interface '${p.device}' is not there`,
    hint: () => 'give the path of a program, or take <script> and <downscript> out',
  },
  'script-closed': {
    class: 'unavailable',
    message: (p: { device: string; path: string }) =>
      `the script '${p.path}' of interface '${p.device}' is no program that anybody may run`,
    hint: (p) => `chmod +x '${p.path}'`,
  },
  'helper-failed': {
    class: 'failed',
    message: (p: { device: string; program: string; reason: string }) =>
      `'${p.program}', which serves '${p.device}', did not start: ${p.reason}`,
    hint: () => 'run it by hand to see more: qdom plan FILE shows for which device it is',
  },
  'helper-stays': {
    class: 'failed',
    message: (p: { pid: number; timeoutMs: number }) =>
      `the helper process '${p.pid}' did not end within ${p.timeoutMs} ms of being killed`,
    hint: (p) => `ps -fp ${p.pid}: a process in state D waits for the kernel; qdom reap --all tries again`,
  },
  'shared-directory-missing': {
    class: 'unavailable',
    message: (p: { device: string; directory: string }) =>
      `the directory '${p.directory}', which '${p.device}' shares, is not there`,
    hint: (p) => `mkdir -p ${p.directory}`,
  },
  'mdev-missing': {
    class: 'unavailable',
    message: (p: { device: string; path: string; uuid: string; types: readonly string[] }) =>
      `the mediated device '${p.path}' of '${p.device}' is not there`,
    hint: (p) =>
      p.types.length === 0
        ? 'no device of this host can make one: /sys/class/mdev_bus is empty'
        : `make it: echo ${p.uuid} > DIRECTORY/create, for one of: ${p.types.join(', ')}; or have it made for each start: qdom nodedev-define FILE`,
  },
  'usb-device-missing': {
    class: 'unavailable',
    message: (p: { device: string; path: string }) =>
      `the USB device '${p.path}' of '${p.device}' is not there`,
    hint: () =>
      "lsusb shows bus and device numbers, which change when it is plugged in anew; name it by <vendor/> and <product/>, or start without it by startupPolicy='optional'",
  },
  'scsi-unit-missing': {
    class: 'unavailable',
    message: (p: { device: string; unit: string; path: string }) =>
      `the SCSI unit '${p.unit}' of '${p.device}' is not there, or is not '${p.path}' any more`,
    hint: () => 'lsscsi -g shows the units and their generic nodes; modprobe sg makes the nodes',
  },
  'vhost-scsi-target-missing': {
    class: 'unavailable',
    message: (p: { device: string; wwpn: string; path: string }) =>
      `the vhost-scsi target '${p.wwpn}' of '${p.device}' is not there: no '${p.path}'`,
    hint: (p) => `make it: targetcli /vhost create ${p.wwpn}`,
  },
  'overlay-blocked': {
    class: 'conflict',
    message: (p: { device: string; path: string; reason: string }) =>
      `the overlay '${p.path}' of '${p.device}' cannot be made: ${p.reason}`,
    hint: () =>
      'what was left by another program is to be removed by hand; the directory is that of the image',
  },
  'base-missing': {
    class: 'unavailable',
    message: (p: { device: string; base: string }) => `the image '${p.base}' of '${p.device}' is not there`,
    hint: () => 'give the path of an image that is there, or make it: qemu-img create',
  },
  'secret-missing': {
    class: 'not-found',
    message: (p: { device: string; type: string; uuid?: string | undefined; usage?: string | undefined }) =>
      p.uuid === undefined
        ? `'${p.device}' needs the secret for ${p.type} '${p.usage}', which is not defined`
        : `'${p.device}' needs the secret '${p.uuid}', which is not defined`,
    hint: (p) =>
      `define it with ${p.uuid === undefined ? `<usage type='${p.type}'>` : `<uuid>${p.uuid}</uuid>`}: qdom secret-define FILE; then give it its value: qdom secret-set-value UUID --interactive`,
  },
  'secret-without-value': {
    class: 'not-found',
    message: (p: { device: string; uuid: string }) =>
      `the secret '${p.uuid}', which '${p.device}' needs, has no value`,
    hint: (p) => `give it one: qdom secret-set-value ${p.uuid} --interactive`,
  },
  'swtpm-without-profiles': {
    class: 'unavailable',
    message: (p: { device: string; profile: string }) =>
      `'${p.device}' asks for the profile '${p.profile}', and the swtpm of this host has no profiles`,
    hint: () => 'swtpm 0.10 and newer have them',
  },
  'no-such-user': {
    class: 'unavailable',
    message: (p: { kind: 'user' | 'group'; name: string }) => `this host has no ${p.kind} '${p.name}'`,
    hint: () => "a number is written '+1000'",
  },
  'cannot-become': {
    class: 'unavailable',
    message: (p: { user: string }) =>
      `QEMU is to run as the user '${p.user}', and only root can become another user`,
    hint: () =>
      "start it as root, or take 'user' out of the configuration and the label of the model 'dac' out of the domain",
  },
  'closed-to-qemu': {
    class: 'unavailable',
    message: (p: { user: string; path: string; directory: string }) =>
      `QEMU runs as the user '${p.user}', who cannot get to '${p.path}': '${p.directory}' lets nobody else through`,
    hint: (p) => `chmod o+x '${p.directory}'`,
  },
  'device-closed-to-qemu': {
    class: 'unavailable',
    message: (p: { user: string; path: string }) =>
      `QEMU runs as the user '${p.user}', who may not read and write '${p.path}'`,
    hint: (p) => `give it a group with both rights: chgrp kvm '${p.path}' && chmod g+rw '${p.path}'`,
  },
  'owner-taken': {
    class: 'conflict',
    message: (p: { path: string; machine: string; owner: string }) =>
      `domain '${p.machine}' uses '${p.path}' as the user '${p.owner}', and it cannot be another's at the same time`,
    hint: (p) => `end '${p.machine}' first, or let both run as one user`,
  },
  'owner-refused': {
    class: 'failed',
    message: (p: { path: string; owner: string; reason: string }) =>
      `'${p.path}' cannot become the property of '${p.owner}': ${p.reason}`,
    hint: () => "let QEMU's user use it as it is, or give its source <seclabel model='dac' relabel='no'/>",
  },
  'limit-refused': {
    class: 'unavailable',
    message: (p: { what: string; value: string; most: string }) =>
      `QEMU needs a limit of '${p.value}' ${p.what}, and '${p.most}' is the most that can be given here`,
    hint: () =>
      'raise the hard limit (ulimit -H, /etc/security/limits.conf, systemd LimitMEMLOCK= and the like)',
  },
  'device-unusable': {
    class: 'unavailable',
    message: (p: { path: string }) => `'${p.path}' is not there or cannot be opened for reading and writing`,
    hint: (p) => `ls -l ${p.path}: its driver must be loaded, and its group must let you in`,
  },
  'directory-blocked': {
    class: 'conflict',
    message: (p: { path: string }) => `'${p.path}' must be a directory and is something else`,
    hint: (p) => `move it away: mv ${p.path} ${p.path}.old`,
  },
  'output-blocked': {
    class: 'unavailable',
    message: (p: { path: string; reason: string }) =>
      `'${p.path}', which a character device writes to, cannot be opened: ${p.reason}`,
    hint: (p) => `give another path, or make its directory: mkdir -p $(dirname ${p.path})`,
  },
  'socket-blocked': {
    class: 'unavailable',
    message: (p: { path: string; reason: string }) =>
      `the socket '${p.path}' of a character device cannot be made: ${p.reason}`,
    hint: () => 'give another path, or none: then it is in a directory of its own',
  },
  'template-missing': {
    class: 'unavailable',
    message: (p: { template: string; path: string }) =>
      `firmware variable template '${p.template}', from which '${p.path}' is made, is not there`,
    hint: () => 'install the firmware (Debian: apt install ovmf)',
  },
  taken: {
    class: 'conflict',
    message: (p: { resource: string; machine: string }) =>
      `'${p.resource}' is in use by domain '${p.machine}'`,
    hint: (p) => `end it first: qdom shutdown ${p.machine}; or give this domain something else`,
  },
  locked: {
    class: 'failed',
    message: (p: { path: string; timeoutMs: number }) =>
      `the lock '${p.path}' was not given back within ${p.timeoutMs} ms`,
    hint: (p) => `fuser -v ${p.path} names who has it`,
  },
  'command-failed': {
    class: 'failed',
    message: (p: { command: string; reason: string }) => `'${p.command}' failed: ${p.reason}`,
    hint: () => 'run it by hand to see more; the kernel log (dmesg) may say why',
  },
  'step-failed': {
    class: 'failed',
    message: (p: { act: string; reason: string }) => `${p.act}: ${p.reason}`,
    hint: () => 'the kernel log (dmesg) may say more; qdom doctor tells what this host lacks',
  },
  'undo-failed': {
    class: 'failed',
    message: (p: { what: string; reason: string }) => `${p.what} could not be undone: ${p.reason}`,
    hint: () => 'the next command tries again',
  },
  'journal-unreadable': {
    class: 'failed',
    message: (p: { path: string; line: number }) => `line ${p.line} of the journal '${p.path}' is damaged`,
    hint: () =>
      'restore the line from a copy, or undo by hand what the lines above it say and remove the file',
  },
}));
