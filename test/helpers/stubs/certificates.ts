import { existsSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import type { StubResources } from './resources.ts';

/** Whether `openssl` makes certificates here. */
export const canCertify = existsSync('/usr/bin/openssl');

/** A directory with what QEMU's `tls-creds-x509` and SPICE read: an authority, and a server and a client of it. */
export async function certificates(name: string, resources: StubResources): Promise<string> {
  const directory = resources.directory(name);
  const file = (of: string) => path.join(directory, of);
  if (existsSync(file('ca-cert.pem'))) return directory;
  await certificate('ca', ['-addext', 'keyUsage=critical,keyCertSign'], file);
  const signed = ['-CA', file('ca-cert.pem'), '-CAkey', file('ca-key.pem')];
  for (const role of ['server', 'client']) {
    const use = ['basicConstraints=critical,CA:false', 'keyUsage=critical,digitalSignature'];
    await certificate(
      role,
      [...signed, ...[...use, `extendedKeyUsage=${role}Auth`].flatMap((extension) => ['-addext', extension])],
      file,
    );
  }
  return directory;
}

async function certificate(
  name: string,
  options: readonly string[],
  file: (of: string) => string,
): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', file(`${name}-key.pem`), '-out', file(`${name}-cert.pem`)];
  await execa('openssl', [
    'req',
    '-x509',
    ...key,
    ...files,
    '-subj',
    `/CN=${name}`,
    '-days',
    '2',
    ...options,
  ]);
}
