/**
 * Compares qdom with the libvirt that is installed on any domain XML: the argv of `domxml-to-native` and the definition
 * that libvirt keeps. libvirt's own conversion drops a NIC's bridge, queues and address: differences there are its.
 *   npm run compare -- FILE… [--virsh "virsh -q -c qemu:///embed?root=/tmp/x"] [--qemu BINARY]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { compile, normalize } from '../src/compile/index.ts';
import { gatherFacts } from '../src/host/facts.ts';
import { type CompileEnv, printArgv } from '../src/plan/index.ts';
import { probeCaps } from '../src/qmp/capabilities/probe.ts';
import { canonicalArgv, diffLists, diffXml, recordedArgv } from '../test/conformance/compare.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    virsh: { type: 'string', default: 'virsh -q -c qemu:///embed?root=/tmp/qdom-compare' },
    qemu: { type: 'string', default: '/usr/bin/qemu-system-x86_64' },
  },
});
const [command = 'virsh', ...prefix] = values.virsh.split(' ');
const virsh = (...args: string[]) => execa(command, [...prefix, ...args], { reject: false });
const env = await libvirtEnvironment(values.qemu);
for (const file of positionals) await compareFile(file);

async function compareFile(file: string): Promise<void> {
  const xml = readFileSync(file, 'utf8');
  const theirs = await virsh('domxml-to-native', 'qemu-argv', '--xml', file);
  if (theirs.exitCode !== 0)
    return report(file, [`libvirt refuses: ${theirs.stderr.trim()}`, ...attempt(() => accepted(xml))]);
  report(
    file,
    attempt(() => argvDifferences(xml, theirs.stdout)),
  );
  await virsh('define', file);
  const name = /<name>([^<]*)<\/name>/.exec(xml)?.[1] ?? '';
  const kept = await virsh('dumpxml', '--inactive', '--security-info', name);
  // Never the other way round: libvirt deletes what the definition names, and a TPM's whole directory.
  await virsh('undefine', '--keep-nvram', '--keep-tpm', name);
  if (kept.exitCode === 0)
    report(
      `${file} (definition)`,
      attempt(() => diffXml(normalize(xml, env).xml, kept.stdout)),
    );
}

function accepted(xml: string): string {
  compile(xml, env);
  return 'qdom accepts';
}

function argvDifferences(xml: string, theirs: string): string[] {
  const ours = printArgv(compile(xml, env).options, ({ fd }) => String(fd.length));
  return diffLists(canonicalArgv(ours, xml), canonicalArgv(recordedArgv(theirs), xml));
}

function attempt(action: () => string[] | string): string[] {
  try {
    return [action()].flat();
  } catch (error) {
    return [`qdom refuses: ${(error as Error).message}`];
  }
}

function report(subject: string, differences: readonly string[]): void {
  console.log(`${subject}: ${differences.length === 0 ? 'the same' : ''}`);
  for (const line of differences) console.log(`  ${line}`);
}

/** libvirt's own directories are those of its root; paths below it differ and show. */
async function libvirtEnvironment(binary: string): Promise<CompileEnv> {
  const libDir = '/var/lib/libvirt/qemu';
  const tls = (kind: string) => `/etc/pki/libvirt-${kind}`;
  return {
    caps: await probeCaps(binary),
    binary: '/usr/bin/qemu-system-x86_64',
    facts: gatherFacts(),
    config: {
      domainId: -1,
      libDir,
      channelTargetDir: '/var/run/libvirt/qemu/channel',
      memoryBackingDir: `${libDir}/ram`,
      nvramDir: `${libDir}/nvram`,
      passtStateDir: '/var/run/libvirt/qemu/passt',
      dbusStateDir: '/var/run/libvirt/qemu/dbus',
      rdpStateDir: '/var/run/libvirt/qemu/rdp',
      vncTlsX509CertDir: tls('vnc'),
      spiceTlsX509CertDir: tls('spice'),
      chardevTlsX509CertDir: tls('chardev'),
      nbdTlsX509CertDir: tls('nbd'),
      vxhsTlsX509CertDir: tls('vxhs'),
      rdpTlsX509CertDir: tls('rdp'),
      migrateTlsX509CertDir: tls('migrate'),
      backupTlsX509CertDir: tls('backup'),
      vncSaslDir: '/etc/sasl2',
      spiceSaslDir: '/etc/sasl2',
      dumpGuestCore: false,
    },
    profile: { kind: 'libvirt' },
    uuid: '00000000-0000-4000-8000-000000000000',
    // virsh hands in definitions as new ones.
    abiUpdate: true,
  };
}
