import { expect, it } from 'vitest';
import { findCredentials } from '../../../src/host/credentials.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

it("a user's name is never an option of the program that is asked for it", async () => {
  const host = new FakeHost();
  const asked: (readonly string[])[] = [];
  host.run = async (_, args) => {
    asked.push(args);
    return { exitCode: 2, stdout: '', stderr: '' };
  };
  await expect(findCredentials({ user: '--help' }, host)).rejects.toThrow("no user '--help'");
  expect(asked).toEqual([['--', 'passwd', '--help']]);
});
