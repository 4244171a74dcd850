/**
 * The demo: a domain that ships with the project, run in the foreground. Without KVM the same domain runs by emulation.
 *   npm run demo [-- FILE]     FILE: another domain XML
 */
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const at = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'qdom-demo-'));
try {
  const file = process.argv[2] ?? prepare();
  const cli = [at('dist/cli.js'), '--root', path.join(directory, 'root'), 'run', '--verbose', file];
  const { exitCode } = await execa(process.execPath, cli, { stdio: 'inherit', reject: false });
  process.exitCode = exitCode ?? 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The shipped domain with the paths of this clone, and with the accelerator that this host has. */
function prepare(): string {
  const type = canOpenKvm() ? 'kvm' : 'qemu';
  if (type === 'qemu') console.error('KVM cannot be used here (/dev/kvm does not open): QEMU emulates.');
  const xml = readFileSync(at('examples/hello.xml'), 'utf8')
    .replace("type='kvm'", `type='${type}'`)
    .replace('/usr/share/qdom/examples/', at('examples/'));
  const file = path.join(directory, 'hello.xml');
  writeFileSync(file, xml);
  return file;
}

function canOpenKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
