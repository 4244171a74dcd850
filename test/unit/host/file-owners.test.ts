import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { findCredentials } from '../../../src/host/credentials.ts';
import { forgottenFiles, giveBackForgotten } from '../../../src/host/file-owners.ts';
import { foresee, realise, undoSteps } from '../../../src/host/realise.ts';
import type { FileOwnerRequirement, HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const RECORDS = '/lib/file-owners';
const IMAGE = '/images/a.img';
const QEMU_UID = 107;

const user = (machine: string, name = 'qemu', devices: readonly string[] = []): HostRequirement => ({
  type: 'qemu-user',
  user: name,
  runDir: `/run/qdom/machines/${machine}`,
  devices,
});
const file: FileOwnerRequirement = {
  type: 'file-owner',
  device: 'virtio-disk0',
  path: IMAGE,
  access: 'write',
  records: RECORDS,
};

function freshHost(): FakeHost {
  const host = new FakeHost({
    '/proc/self': null,
    '/run/qdom/machines/one': null,
    '/run/qdom/machines/two': null,
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\nqemu:x:107:36::/:/bin/false\nother:x:108:108::/:/bin/false\n',
    '/etc/group': 'kvm:x:36:\ndisk:x:6:qemu,other\nvideo:x:44:someone\n',
    '/usr/bin/setpriv': '',
    '/dev/kvm': '',
    [IMAGE]: 'data',
  });
  host.changeOwner(IMAGE, 5, 6);
  return host;
}

const owners = (machine: string) => ({
  directory: '/run/qdom/owners',
  machine,
  isThere: (name: string) => ['one', 'two'].includes(name),
});
const journal = (machine: string) => `/run/qdom/machines/${machine}/journal.jsonl`;
const start = (host: FakeHost, machine: string, ...requirements: readonly HostRequirement[]) =>
  realise(requirements, host, journal(machine), owners(machine));
const end = (host: FakeHost, machine: string) => undoSteps(host, journal(machine), 'ended');
const ownerOf = (host: FakeHost, path = IMAGE) => {
  const { uid, gid } = host.status(path) ?? {};
  return [uid, gid];
};
const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: QdomError) => error.message,
  );

describe("QEMU's user", () => {
  it('is found by name or number, with its groups', async () => {
    const host = freshHost();
    expect(await findCredentials({ user: 'qemu' }, host)).toEqual({ uid: 107, gid: 36, groups: [6] });
    expect(await findCredentials({ user: '108', group: 'kvm' }, host)).toEqual({
      uid: 108,
      gid: 36,
      groups: [6],
    });
    expect(await findCredentials({ user: '+4000', group: '+4001' }, host)).toEqual({
      uid: 4000,
      gid: 4001,
      groups: [],
    });
    expect(await messageOf(findCredentials({ user: 'nobody-such' }, host))).toBe(
      "this host has no user 'nobody-such'",
    );
    expect(await messageOf(findCredentials({ user: 'qemu', group: 'none' }, host))).toBe(
      "this host has no group 'none'",
    );
  });

  it('gets the group of a device that it shares, and is refused where it cannot use it', async () => {
    const host = freshHost();
    expect(await messageOf(start(host, 'one', user('one', 'qemu', ['/dev/kvm'])))).toBe(
      "QEMU runs as the user 'qemu', who may not read and write '/dev/kvm'",
    );
    host.changeOwner('/dev/kvm', 0, 44);
    host.changeMode('/dev/kvm', 0o660);
    const { wrapper } = await start(host, 'one', user('one', 'qemu', ['/dev/kvm']));
    expect(wrapper.join(' ')).toBe(
      '/usr/bin/setpriv --reuid 107 --regid 36 --groups 6,44 --inh-caps=-all --bounding-set=-all --no-new-privs --',
    );
  });

  it('who is not there is told before anything is done', async () => {
    const [step] = await foresee([user('one', 'ghost')], { host: freshHost(), owners: owners('one') });
    expect(step?.problems.map(({ message }) => message)).toEqual(["this host has no user 'ghost'"]);
  });

  it('can only be another where root starts it; oneself is nobody else', async () => {
    const host = freshHost();
    const status = host.status.bind(host);
    const own = (uid: number) => {
      host.status = (path) =>
        path === '/proc/self' ? { kind: 'directory', sizeBytes: 0, mode: 0, uid, gid: uid } : status(path);
    };
    own(1000);
    expect(await messageOf(start(host, 'one', user('one')))).toBe(
      "QEMU is to run as the user 'qemu', and only root can become another user",
    );
    own(QEMU_UID);
    expect((await start(host, 'one', user('one'), file)).wrapper).toEqual([]);
    expect(ownerOf(host)).toEqual([5, 6]);
  });

  it('is told of a directory that lets nobody through, but for those of our own', async () => {
    const host = freshHost();
    host.changeMode('/images', 0o700);
    expect(await messageOf(start(host, 'one', user('one'), file))).toBe(
      "QEMU runs as the user '107', who cannot get to '/images/a.img': '/images' lets nobody else through",
    );
    host.changeMode('/run/qdom', 0o700);
    await start(host, 'one', user('one'), { ...file, within: '/images' });
    expect(host.status('/images')?.mode).toBe(0o711);
    expect(host.status('/run/qdom')?.mode).toBe(0o711);
    expect(host.status('/run/qdom/machines/one')).toMatchObject({ mode: 0o710, uid: 0, gid: 36 });
  });
});

describe('the owner of a file that QEMU opens', () => {
  it('is QEMU’s user while a machine uses it, and then again who it was', async () => {
    const host = freshHost();
    await start(host, 'one', user('one'), file);
    expect(ownerOf(host)).toEqual([QEMU_UID, 36]);
    await start(host, 'two', user('two'), file);
    await end(host, 'one');
    expect(ownerOf(host)).toEqual([QEMU_UID, 36]);
    await end(host, 'two');
    expect(ownerOf(host)).toEqual([5, 6]);
    expect(host.listDirectory(RECORDS)).toEqual([]);
  });

  it('stays who it is where QEMU’s user can use the file as it is', async () => {
    for (const [mode, access, changed] of [
      [0o644, 'read', false],
      [0o644, 'write', true],
      [0o666, 'write', false],
      [0o660, 'write', false],
      [0o640, 'write', true],
      [0o040, 'read', false],
      [0o604, 'read', true],
    ] as const) {
      const host = freshHost();
      host.changeMode(IMAGE, mode);
      await start(host, 'one', user('one'), { ...file, access });
      expect(ownerOf(host), `${mode.toString(8)} ${access}`).toEqual(changed ? [QEMU_UID, 36] : [5, 6]);
    }
  });

  it('cannot be two users at the same time: the second machine is told who has it', async () => {
    const host = freshHost();
    await start(host, 'one', user('one'), file);
    expect(await messageOf(start(host, 'two', user('two', 'other'), file))).toBe(
      "domain 'one' uses '/images/a.img' as the user '107', and it cannot be another's at the same time",
    );
    expect(ownerOf(host)).toEqual([QEMU_UID, 36]);
  });

  it('is not given back if somebody has changed it meanwhile', async () => {
    const host = freshHost();
    await start(host, 'one', user('one'), file);
    host.changeOwner(IMAGE, 1000, 1000);
    await end(host, 'one');
    expect(ownerOf(host)).toEqual([1000, 1000]);
    expect(host.listDirectory(RECORDS)).toEqual([]);
  });

  it('is given back after a reboot, which no journal outlives', async () => {
    const host = freshHost();
    await start(host, 'one', user('one'), file);
    await start(host, 'two', user('two'), file);
    expect(forgottenFiles(host, RECORDS, () => true)).toEqual([]);
    expect(forgottenFiles(host, RECORDS, (machine) => machine === 'two')).toEqual([IMAGE]);
    await giveBackForgotten(host, RECORDS, (machine) => machine === 'two');
    expect(ownerOf(host)).toEqual([QEMU_UID, 36]);
    await giveBackForgotten(host, RECORDS, () => false);
    expect(ownerOf(host)).toEqual([5, 6]);
    expect(host.listDirectory(RECORDS)).toEqual([]);
  });

  it('that cannot be given back keeps no other from it', async () => {
    const host = freshHost();
    host.writeFile('/images/b.img', '');
    await start(host, 'one', user('one'), { ...file, path: '/images/b.img' });
    await start(host, 'two', user('two'), file);
    const changeOwner = host.changeOwner.bind(host);
    host.changeOwner = (path, uid, gid) => {
      if (path === '/images/b.img') throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
      changeOwner(path, uid, gid);
    };
    const failures = await giveBackForgotten(host, RECORDS, () => false);
    expect(failures).toMatchObject([
      { path: '/images/b.img', error: { message: expect.stringContaining('EROFS') } },
    ]);
    expect(ownerOf(host)).toEqual([5, 6]);
    expect(forgottenFiles(host, RECORDS, () => false)).toEqual(['/images/b.img']);
  });

  it('can be one that the file’s own label names, whoever runs QEMU', async () => {
    const host = freshHost();
    await start(host, 'one', { ...file, owner: { user: '+7', group: '+8' } });
    expect(ownerOf(host)).toEqual([7, 8]);
    await end(host, 'one');
    expect(ownerOf(host)).toEqual([5, 6]);
  });
});
