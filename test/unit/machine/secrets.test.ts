import { expect, it } from 'vitest';
import { Secret } from '../../../src/errors/index.ts';
import { secretFiles, secretsDirectory } from '../../../src/machine/files.ts';
import {
  defineSecret,
  findDirectories,
  listSecrets,
  setSecretValue,
  undefineSecret,
} from '../../../src/machine/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

it('a secret is forgotten with the value that a killed command was about to set', async () => {
  const uuid = '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a01';
  const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
  const host = new FakeHost({ '/r': null });
  const cx = { host, directories };
  await defineSecret(cx, { uuid, ephemeral: false, isPrivate: true });
  await setSecretValue(cx, uuid, new Secret<Uint8Array>(Buffer.from('old')));
  const directory = secretsDirectory(directories, { ephemeral: false });
  host.overwrite(`${secretFiles(directory, uuid).value}.new`, 'bmV3');
  await undefineSecret(cx, uuid);
  expect(listSecrets(cx)).toEqual([]);
  expect(host.listDirectory(directory)).toEqual([]);
});
