import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { realHost } from '../../src/host/real.ts';
import { attachConsole, findDirectories, type MachineContext } from '../../src/machine/index.ts';
import { BOOT_TIMEOUT_MS, linuxGuest } from '../guest/linux.ts';
import { qdom } from '../helpers/cli.ts';
import { ConsoleReader } from '../helpers/console-reader.ts';
import { endWithParent } from '../helpers/end-with-parent.ts';
import { hasQemu, noQemu } from '../helpers/machines.ts';

const guest = hasQemu ? await linuxGuest() : { missing: noQemu };
const reason = 'missing' in guest ? ` (skipped: ${guest.missing})` : '';

describe.skipIf('missing' in guest)(`a Linux guest${reason}`, () => {
  const root = mkdtempSync(path.join(tmpdir(), 'qdom-linux-'));
  const cx: MachineContext = {
    directories: findDirectories({ root, uid: 0, home: root, env: {} }),
    host: realHost(),
    reapCommand: [],
  };

  afterAll(async () => {
    await qdom(root, ['destroy', 'linux']);
    rmSync(root, { recursive: true, force: true });
  });

  it(
    'boots to its shell, is reset, powers off by its button, and leaves a record of that',
    async () => {
      if ('missing' in guest) return;
      const file = path.join(root, 'linux.xml');
      writeFileSync(file, domain(guest.kernel, guest.initrd));
      endWithParent(root, 'linux');
      expect(await qdom(root, ['create', '--paused', file])).toMatchObject({ exitCode: 0 });
      const console = new ConsoleReader(await attachConsole(cx, 'linux'));
      await qdom(root, ['resume', 'linux']);
      await console.until('guest is up');

      console.write('echo sum-$((40+2))\n');
      await console.until('sum-42');

      expect(await qdom(root, ['reset', 'linux'])).toMatchObject({ exitCode: 0 });
      await console.until('guest is up');
      expect(await qdom(root, ['domstate', 'linux'])).toMatchObject({ stdout: 'running' });

      expect(await qdom(root, ['shutdown', 'linux'])).toMatchObject({ exitCode: 0 });
      await console.until('the power button was pressed');
      const { stdout } = await qdom(root, ['events', 'linux', '--follow', '--json']);
      const events = stdout
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; data: { reason?: string } });
      expect(events.map((e) => e.event)).toEqual(
        expect.arrayContaining(['RESUME', 'RESET', 'POWERDOWN', 'SHUTDOWN']),
      );
      expect(events.findLast((e) => e.event === 'SHUTDOWN')?.data.reason).toBe('guest-shutdown');
      const list = await qdom(root, ['list', '--all', '--json']);
      expect(JSON.parse(list.stdout)).toEqual([]);
    },
    3 * BOOT_TIMEOUT_MS,
  );
});

function domain(kernel: string, initrd: string): string {
  return `<domain type='qemu'>
  <name>linux</name>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${kernel}</kernel>
    <initrd>${initrd}</initrd>
    <cmdline>console=ttyS0 quiet</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <serial type='pty'/>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
