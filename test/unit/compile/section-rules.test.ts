import { describe, expect, it } from 'vitest';
import { type CompileEnv, compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

/** A domain with what a row adds to it; everything else is as small as it can be. */
interface Parts {
  readonly type?: string;
  readonly root?: string;
  readonly before?: string;
  readonly osAttributes?: string;
  readonly arch?: string;
  readonly machine?: string;
  readonly os?: string;
  readonly features?: string;
  readonly clockAttributes?: string;
  readonly clock?: string;
  readonly rest?: string;
  readonly devices?: string;
}

function domain(parts: Parts): string {
  return `<domain type='${parts.type ?? 'qemu'}' ${parts.root ?? ''}>
  <name>guest</name>
  <uuid>1ccfd97d-5eb4-478a-bbe6-88d254c16db7</uuid>
  <memory>1048576</memory>${parts.before ?? ''}
  <os ${parts.osAttributes ?? ''}>
    <type arch='${parts.arch ?? 'x86_64'}' machine='${parts.machine ?? 'q35'}'>hvm</type>${parts.os ?? ''}
  </os>
  <features>${parts.features ?? '<acpi/>'}</features>
  <clock ${parts.clockAttributes ?? "offset='utc'"}>${parts.clock ?? ''}</clock>${parts.rest ?? ''}
  <devices>${parts.devices ?? ''}</devices>
</domain>`;
}

const QEMU = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

/** A rule's code, what breaks it, and the value that its message must name. */
const BROKEN: readonly (readonly [code: string, parts: Parts, culprit?: string])[] = [
  ['os/unsupported-virt-type', { type: 'hvf' }, 'hvf'],
  ['os/unsupported-arch', { arch: 'alpha' }, 'alpha'],
  ['os/unknown-machine', { machine: 'pc-q35-99.0' }, 'pc-q35-99.0'],
  ['os/bad-menu-timeout', { os: "<bootmenu enable='yes' timeout='65536'/>" }, '65536'],
  ['os/bad-reboot-timeout', { os: "<bios rebootTimeout='65536'/>" }, '65536'],
  ['os/serial-without-port', { os: "<bios useserial='yes'/>" }],
  ['os/other-hypervisor', { os: '<root>/dev/sda</root>' }, 'root'],
  ['os/other-hypervisor', { os: '<init>/bin/sh</init>' }, 'init'],
  ['os/no-bootloader', { before: '<bootloader_args>-x</bootloader_args>' }, '-x'],
  ['os/no-bootloader', { before: '<bootloader>/usr/bin/pygrub</bootloader>' }, '/usr/bin/pygrub'],
  ['os/kernel-needed', { os: '<initrd>/boot/initrd</initrd>' }],
  ['os/unsupported-acpi-table', { os: "<acpi><table type='rawset'>/a</table></acpi>" }, 'rawset'],
  [
    'os/repeated-acpi-table',
    { os: "<acpi><table type='slic'>/a</table><table type='slic'>/b</table></acpi>" },
    'slic',
  ],
  ['os/boot-twice', { os: "<boot dev='hd'/>", devices: disk('vda', 1) }, '1'],
  ['os/too-many-boots', { os: `${"<boot dev='hd'/>".repeat(4)}<boot dev='network'/>` }, 'network'],
  ['os/repeated-boot-order', { devices: disk('vda', 7) + disk('vdb', 7) }, '7'],
  ['os/no-firmware', { osAttributes: "firmware='efi'", os: "<loader readonly='no'/>" }, 'efi'],
  ['os/loader-without-path', { os: "<loader type='pflash'/>" }],
  [
    'os/features-without-firmware',
    { os: "<firmware><feature enabled='yes' name='secure-boot'/></firmware>" },
  ],
  ['os/bios-with-nvram', { osAttributes: "firmware='bios'", os: '<nvram>/a</nvram>' }, 'bios'],
  ['os/rom-with-nvram', { os: "<loader type='rom'>/a</loader><nvram>/b</nvram>" }],
  ['os/rom-keeps-no-state', { os: "<loader stateless='no'>/a</loader>" }, 'stateless'],
  ['os/rom-keeps-no-state', { os: "<loader type='rom' stateless='no'>/a</loader>" }, 'stateless'],
  [
    'os/nvram-without-source',
    { os: "<loader type='pflash' readonly='yes'>/a</loader><nvram type='file'/>" },
    'file',
  ],
  [
    'os/stateless-with-nvram',
    { os: "<loader type='pflash' stateless='yes' readonly='yes'>/a</loader><nvram>/b</nvram>" },
  ],
  [
    'os/stateless-with-template',
    { os: "<loader type='pflash' stateless='yes' readonly='yes'>/a</loader><nvram template='/b'/>" },
  ],
  [
    'os/keys-without-secure-boot',
    {
      osAttributes: "firmware='efi'",
      os: "<firmware><feature enabled='yes' name='enrolled-keys'/><feature enabled='no' name='secure-boot'/></firmware>",
    },
    'enrolled-keys',
  ],
  ['os/secure-without-smm', { os: "<loader type='pflash' readonly='yes' secure='yes'>/a</loader>" }],
  [
    'os/secure-on-machine',
    { machine: 'pc', os: "<loader type='pflash' readonly='yes' secure='yes'>/a</loader>" },
    'pc',
  ],
  ['os/secure-rom', { os: "<loader type='rom' secure='yes'>/a</loader>" }],
  ['os/uefi-without-acpi', { features: '', os: "<loader type='pflash' readonly='yes'>/a</loader>" }],

  ['features/other-architecture', { features: "<hpt resizing='enabled'/>" }, 'hpt'],
  ['features/other-hypervisor', { features: '<viridian/>' }, 'viridian'],
  ['features/no-effect', { features: '<hap/>' }, 'hap'],
  [
    'features/machine-lacks-feature',
    { machine: 'pc', features: "<smm state='on'><tseg>1</tseg></smm>" },
    'tseg',
  ],
  ['features/vmport-without-ps2', { features: "<vmport state='on'/><ps2 state='off'/>" }, 'vmport'],
  ['features/tseg-without-smm', { features: "<smm state='off'><tseg>1</tseg></smm>" }, 'tseg'],
  ['features/tseg-not-in-mib', { features: "<smm><tseg unit='KiB'>3</tseg></smm>" }, '3072'],
  ['features/spinlock-retries', { features: "<hyperv><spinlocks state='on' retries='2'/></hyperv>" }, '2'],
  ['features/missing-value', { features: "<hyperv><spinlocks state='on'/></hyperv>" }, 'spinlocks'],
  ['features/bad-vendor-id', { features: "<hyperv><vendor_id state='on' value='a,b'/></hyperv>" }, 'a,b'],
  ['features/unknown-feature', { features: '<bogus/>' }, 'bogus'],
  ['features/hyperv-ignored', { features: "<hyperv mode='passthrough'><ipi state='on'/></hyperv>" }, 'ipi'],
  ['features/tb-cache-not-in-mib', { features: '<tcg><tb-cache>1</tb-cache></tcg>' }, '1'],
  [
    'features/dirty-ring-size',
    { type: 'kvm', features: "<kvm><dirty-ring state='on' size='1000'/></kvm>" },
    '1000',
  ],
  ['features/needs-kvm', { features: "<kvm><dirty-ring state='on' size='4096'/></kvm>" }, 'dirty-ring'],
  ['features/needs-tcg', { type: 'kvm', features: '<tcg><tb-cache>1024</tb-cache></tcg>' }, 'kvm'],

  ['clock/start-too-late', { clockAttributes: "offset='absolute' start='253402300800'" }, "'start'"],
  ['clock/no-such-moment', { clockAttributes: "offset='variable' adjustment='-99999999999'" }],
  ['clock/repeated-timer', { clock: "<timer name='rtc'/><timer name='rtc'/>" }, 'rtc'],
  ['clock/unsupported-timer', { clock: "<timer name='platform'/>" }, 'platform'],
  ['clock/missing-timezone', { clockAttributes: "offset='timezone'" }],
  ['clock/timer-attribute', { clock: "<timer name='kvmclock' tickpolicy='delay'/>" }, 'kvmclock'],
  ['clock/timer-untouched', { clock: "<timer name='hpet' tickpolicy='delay'/>" }, 'hpet'],
  ['clock/catchup-without-policy', { clock: "<timer name='rtc'><catchup slew='1'/></timer>" }, 'rtc'],
  ['clock/unsupported-track', { clock: "<timer name='rtc' track='boot'/>" }, 'boot'],
  ['clock/unsupported-tickpolicy', { clock: "<timer name='rtc' tickpolicy='merge'/>" }, 'merge'],
  [
    'clock/catchup-ignored',
    { clock: "<timer name='rtc' tickpolicy='catchup'><catchup slew='1'/></timer>" },
    'rtc',
  ],

  ['sysinfo/bad-date', sysinfo("<bios><entry name='date'>999/01/2020</entry></bios>"), 'date'],
  ['sysinfo/unknown-entry', sysinfo("<bios><entry name='colour'>x</entry></bios>"), 'colour'],
  ['sysinfo/bad-uuid', sysinfo("<system><entry name='uuid'>no</entry></system>"), 'no'],
  [
    'sysinfo/uuid-differs',
    sysinfo("<system><entry name='uuid'>8c56ddcc-6f1e-4f3b-9d28-65f0a8d4b101</entry></system>"),
    '8c56ddcc-6f1e-4f3b-9d28-65f0a8d4b101',
  ],
  [
    'sysinfo/several-boards',
    sysinfo(
      "<baseBoard><entry name='serial'>1</entry></baseBoard><baseBoard><entry name='serial'>2</entry></baseBoard>",
    ),
  ],
  ['sysinfo/empty-blob', fwcfg("<entry name='opt/a/b'/>"), 'opt/a/b'],
  ['sysinfo/reserved-blob', fwcfg("<entry name='etc/a'>x</entry>"), 'etc/a'],
  ['sysinfo/blob-of-firmware', fwcfg("<entry name='opt/ovmf/a'>x</entry>"), 'opt/ovmf/a'],
  ['sysinfo/no-host-smbios', { os: "<smbios mode='host'/>" }, 'host'],
  ['sysinfo/no-sysinfo', { os: "<smbios mode='sysinfo'/>" }, 'sysinfo'],

  ['perf/repeated-event', perf("<event name='cmt' enabled='no'/><event name='cmt' enabled='no'/>"), 'cmt'],
  ['perf/not-counted', perf("<event name='cpu_cycles' enabled='yes'/>"), 'cpu_cycles'],
  [
    'keywrap/other-architecture',
    { rest: "<keywrap><cipher name='aes' state='on'/></keywrap>" },
    'aes-key-wrap',
  ],
  ['idmap/ignored', { rest: "<idmap><uid start='0' target='1' count='1'/></idmap>" }, 'idmap'],
  [
    'idmap/root-not-mapped',
    {
      rest: "<idmap><uid start='1' target='1' count='1'/><gid start='0' target='1' count='1'/></idmap>",
    },
  ],
  ['idmap/half-mapped', { rest: "<idmap><uid start='0' target='1' count='1'/></idmap>" }],
  ['lifecycle/unsupported-action', { rest: '<on_poweroff>preserve</on_poweroff>' }, 'preserve'],
  [
    'lifecycle/contradicting-actions',
    { rest: '<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>' },
  ],
  ['lifecycle/no-lock-manager', { rest: '<on_lockfailure>ignore</on_lockfailure>' }, 'ignore'],
  ['resource/missing-content', { before: '<resource/>' }],
  ['resource/relative-partition', { before: '<resource><partition>a</partition></resource>' }, 'a'],
  ['resource/appid-not-set', { before: "<resource><fibrechannel appid='me'/></resource>" }, 'me'],
  ['launch-security/wrong-length', snp('<guestVisibleWorkarounds>AAAA</guestVisibleWorkarounds>'), '16'],
  ['launch-security/wrong-length', snp('<idBlock>!</idBlock>'), 'idBlock'],
  ['launch-security/other-architecture', { rest: "<launchSecurity type='s390-pv'/>" }, 's390-pv'],
  [
    'launch-security/qemu-lacks-type',
    { type: 'kvm', rest: "<launchSecurity type='sev'><policy>1</policy></launchSecurity>" },
    'sev',
  ],

  [
    'seclabel/repeated-model',
    {
      rest: "<seclabel model='dac' type='dynamic'/><seclabel model='dac' type='dynamic'/>",
    },
    'dac',
  ],
  ['seclabel/missing-model', { rest: "<seclabel model='dac'/><seclabel type='none'/>" }],
  ['seclabel/missing-model', { rest: "<seclabel type='static'><label>a</label></seclabel>" }],
  ['seclabel/none-with-relabel', { rest: "<seclabel type='none' relabel='yes'/>" }],
  ['seclabel/missing-label', { rest: "<seclabel model='dac' type='static'/>" }, 'dac'],
  ['seclabel/dynamic-without-relabel', { rest: "<seclabel model='dac' type='dynamic' relabel='no'/>" }, 'no'],
  ['seclabel/not-applied', { rest: "<seclabel model='selinux' type='dynamic'/>" }, 'selinux'],

  ['qemu/undeclared-namespace', { rest: "<qemu:commandline><qemu:arg value='-S'/></qemu:commandline>" }],
  [
    'qemu/capability-ignored',
    { root: QEMU, rest: "<qemu:capabilities><qemu:add capability='blockdev'/></qemu:capabilities>" },
    'blockdev',
  ],
  [
    'qemu/bad-variable',
    { root: QEMU, rest: "<qemu:commandline><qemu:env name='A=B'/></qemu:commandline>" },
    'A=B',
  ],
  ['qemu/id-overridden', override("<qemu:property name='id' type='string' value='a'/>"), 'id'],
  ['qemu/value-of-removed', override("<qemu:property name='a' type='remove' value='b'/>"), 'b'],
  ['qemu/unknown-device', override("<qemu:property name='a' type='remove'/>"), 'ua-none'],
  ['qemu/missing-value', override("<qemu:property name='a' type='bool'/>"), 'a'],
  ['qemu/bad-value', override("<qemu:property name='a' type='bool' value='maybe'/>"), 'maybe'],
  ['general/metadata-without-namespace', { before: '<metadata><a/></metadata>' }, 'a'],
  [
    'general/repeated-metadata',
    { before: "<metadata><a:a xmlns:a='urn:x'/><b:b xmlns:b='urn:x'/></metadata>" },
    'b:b',
  ],
];

function sysinfo(content: string): Parts {
  return { before: `<sysinfo type='smbios'>${content}</sysinfo>`, os: "<smbios mode='sysinfo'/>" };
}

function snp(content: string): Parts {
  const policy = '<policy>0x30000</policy>';
  return { rest: `<launchSecurity type='sev-snp'>${policy}${content}</launchSecurity>` };
}

function fwcfg(content: string): Parts {
  return { before: `<sysinfo type='fwcfg'>${content}</sysinfo>` };
}

function disk(name: string, order: number): string {
  return `<disk type='file' device='disk'><source file='/${name}'/><target dev='${name}' bus='virtio'/><boot order='${order}'/></disk>`;
}

function perf(content: string): Parts {
  return { rest: `<perf>${content}</perf>` };
}

function override(property: string): Parts {
  const frontend = `<qemu:frontend>${property}</qemu:frontend>`;
  return {
    root: QEMU,
    rest: `<qemu:override><qemu:device alias='ua-none'>${frontend}</qemu:device></qemu:override>`,
  };
}

function diagnosticsOf(xml: string, env: CompileEnv = goldenEnvironment({})) {
  try {
    return compile(xml, env).warnings;
  } catch (error) {
    if (error instanceof QdomError) return error.diagnostics;
    throw error;
  }
}

describe.each(BROKEN.map(([code, parts, culprit]) => ({ code, parts, culprit })))(
  '$code',
  ({ code, parts, culprit }) => {
    it('is told with its line and what is wrong', () => {
      const found = diagnosticsOf(domain(parts)).find((d) => d.code === code);
      expect(found).toBeDefined();
      expect(found?.at?.line).toBeGreaterThan(0);
      if (culprit !== undefined) expect(found?.message).toContain(culprit);
    });
  },
);

/** Rules that are broken by what is not there, or by where the domain is to run. */
const BARE: readonly (readonly [code: string, xml: string, env?: CompileEnv])[] = [
  ['domain/not-a-domain', '<network/>'],
  ['general/missing-name', domain({}).replace('<name>guest</name>', '')],
  ['general/name-with-slash', domain({}).replace('>guest<', '>a/b<')],
  ['general/name-with-newline', domain({}).replace('>guest<', '>a&#10;b<')],
  ['general/title-with-newline', domain({ before: '<title>a\nb</title>' })],
  ['os/missing-type', "<domain type='qemu'><name>guest</name><memory>1048576</memory></domain>"],
  ['os/unsupported-type', domain({}).replace('>hvm<', '>xen<')],
  ['os/kvm-unavailable', domain({ type: 'kvm' }), withoutKvm(goldenEnvironment({}))],
  [
    'features/qemu-lacks-feature',
    domain({ features: '<acpi/><async-teardown/>' }),
    goldenEnvironment({ qemu: 'qemu-7.2-x86_64' }),
  ],
];

function withoutKvm(env: CompileEnv): CompileEnv {
  return { ...env, caps: { ...env.caps, kvm: false } };
}

describe.each(BARE.map(([code, xml, env]) => ({ code, xml, env })))('$code', ({ code, xml, env }) => {
  it('is told', () => {
    expect(diagnosticsOf(xml, env).map((d) => d.code)).toContain(code);
  });
});
