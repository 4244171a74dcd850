import { describe, expect, it } from 'vitest';
import { defineMachine } from '../../../src/machine/definitions.ts';
import { findDirectories } from '../../../src/machine/directories.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { listMachines } from '../../../src/machine/status.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });

/** A host on which one file cannot be looked at: too many others are open. */
class ExhaustedHost extends FakeHost {
  readonly refused: string;

  constructor(refused: string) {
    super();
    this.refused = refused;
  }

  override readText(path: string): string | undefined {
    if (path === this.refused)
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    return super.readText(path);
  }
}

describe('the list of machines', () => {
  it('has one that cannot be looked at, and says why', async () => {
    const { directory, state } = machineFiles(directories, 'b');
    const cx = { directories, host: new ExhaustedHost(state), reapCommand: [] };
    await defineMachine(cx, { name: 'a', uuid: 'u-a', domainXml: '<domain><uuid>u-a</uuid></domain>' });
    cx.host.writeFile('/r/etc/domains/..xml', '');
    for (const path of ['/r/run/machines', directory]) cx.host.makeDirectory(path);
    expect(await listMachines(cx)).toEqual([
      { name: 'a', uuid: 'u-a', state: 'shut off', persistent: true },
      { name: 'b', uuid: '', state: 'no answer', reason: 'EMFILE: too many open files', persistent: false },
    ]);
  });
});
