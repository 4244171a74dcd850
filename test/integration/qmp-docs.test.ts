import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';

const hasQemu = (process.env.PATH ?? '')
  .split(delimiter)
  .some((dir) => existsSync(join(dir, 'qemu-system-x86_64')));

it('the example in docs/qmp.md runs as it stands', (context) => {
  if (!hasQemu) context.skip('there is no qemu-system-x86_64 in PATH');
  const page = readFileSync(new URL('../../docs/qmp.md', import.meta.url), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(page)?.[1] ?? '';
  const entry = new URL('../../src/qmp/index.ts', import.meta.url).href;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-'], {
    input: example
      .replace("'qdom/qmp'", `'${entry}'`)
      .replace(/^import type .*\n/m, '')
      .replace(' as Duplex', ''),
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(output).toMatch(
    /^QEMU \d+\.\d+\nrunning\nrefused: DeviceNotFound: .*nothing.*\nSHUTDOWN \(host-qmp-quit\)\n$/,
  );
});
