import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupOf } from '../../src/host/pci/functions.ts';
import { parseStat } from '../../src/host/process.ts';
import { machineFiles } from '../../src/machine/files.ts';
import { addressElement, addressOf, cardsState } from './cards.ts';
import { hostState, qdom, stateAfter, system, text } from './helpers.ts';

const NAME = 'killed';
const FILES = machineFiles(system.directories, NAME);
const CARD = addressOf('02:00:00:00:02:00');
const CONFIG = '/etc/qdom/config.json';
/** So many that the kernel takes its time to make them. */
const PAGES = 128;
const PAGE_MIB = 2;
const TEST_TIMEOUT_MS = 240_000;

const DOMAIN = `<domain type='kvm'>
  <name>${NAME}</name>
  <memory unit='MiB'>${PAGES * PAGE_MIB}</memory>
  <memoryBacking><hugepages/></memoryBacking>
  <vcpu>1</vcpu>
  <cputune><shares>200</shares></cputune>
  <os><type machine='q35'>hvm</type></os>
  <devices>
    <hostdev mode='subsystem' type='pci' managed='yes'><source>${addressElement(CARD)}</source></hostdev>
  </devices>
</domain>
`;

type Sight = () => boolean;

const pages = () => Number(text('/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages'));
const read = (file: string) => system.host.readText(file) ?? '';
const pidIn = (file: string) => parseStat(read(file))?.pid;
const isTaken: Sight = () => system.host.status(`/sys/bus/pci/drivers/vfio-pci/${CARD}`) !== undefined;
const qemuIsThere: Sight = () => pidIn(FILES.qemuStat) !== undefined;
/** Only looked at: were it opened here, QEMU could not. */
const isOpen: Sight = () => {
  const open = `/proc/${pidIn(FILES.qemuStat)}/fd`;
  const node = `/dev/vfio/${groupOf(system.host, CARD)}`;
  return system.host.listDirectory(open).some((fd) => system.host.readLink(`${open}/${fd}`) === node);
};

/** What is to be seen on the host, in the order of a start, and is the moment at which somebody is killed. */
const OF_A_START: readonly (readonly [string, Sight])[] = [
  ['there are the first of its hugepages', () => pages() > 0],
  ['it is about to take the card', () => read(FILES.journal).includes('"type":"pci-function"')],
  ['the card is on vfio-pci', isTaken],
  ['QEMU is there', qemuIsThere],
  ['QEMU has the card open', isOpen],
];

/** Kills processes as `kill -9` does; one that is not there (any more) is what it is to be. */
function kill(...pids: readonly (number | undefined)[]): void {
  for (const pid of pids) if (pid !== undefined && system.host.status(`/proc/${pid}`)) process.kill(pid, 9);
}

/**
 * Runs a command and does something as soon as something is to be seen; looks without a pause, since the moments are short.
 * @returns how the command ended, and whether it was still at work then
 */
async function during(args: readonly string[], seen: Sight, act: (command: number | undefined) => void) {
  const command = execa('qdom', args, { reject: false, timeout: TEST_TIMEOUT_MS });
  let isAtWork = true;
  once(command, 'exit').then(() => (isAtWork = false));
  while (isAtWork && !seen()) await setImmediate();
  const wasAtWork = isAtWork;
  act(command.pid);
  const { signal, exitCode, stderr } = await command;
  return { wasAtWork, signal, exitCode, stderr };
}

const start = ['start', '--paused', NAME];

describe('kill -9, on the real kernel', () => {
  let before: Awaited<ReturnType<typeof hostState>>;
  let cards: unknown;

  beforeAll(async () => {
    mkdirSync('/etc/qdom', { recursive: true });
    writeFileSync(CONFIG, JSON.stringify({ allocateHugepages: true }));
    await qdom(['define', '-'], DOMAIN);
    [before, cards] = [await hostState(), cardsState()];
  });
  afterAll(async () => {
    await qdom(['destroy', NAME]).catch(() => '');
    await qdom(['undefine', NAME]);
    rmSync(CONFIG);
  });

  /** A card that was away comes back with another index, by which the links are ordered: they are looked at by name. */
  async function expectAllGivenBack(): Promise<void> {
    const { links: _links, addresses: _addresses, ...rest } = await stateAfter(before);
    expect(before).toMatchObject(rest);
    expect(cardsState()).toEqual(cards);
  }

  it.each(OF_A_START)(
    'of `qdom start` when %s: the next command gives everything back',
    async (_when, seen) => {
      const { wasAtWork, signal } = await during(start, seen, kill);
      expect({ wasAtWork, signal }).toEqual({ wasAtWork: true, signal: 'SIGKILL' });
      expect(await qdom(['list', '--all'])).toMatch(/killed +shut off/);
      await expectAllGivenBack();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of QEMU when it has the card open: the start fails and says so, and everything is given back',
    async () => {
      const { exitCode, stderr } = await during(start, isOpen, () => kill(pidIn(FILES.qemuStat)));
      expect(exitCode).not.toBe(0);
      expect(stderr).toMatch(/QEMU was ended by SIGKILL/);
      await expectAllGivenBack();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of the waiting shell when QEMU is there: the machine runs on, and its end gives everything back',
    async () => {
      const { exitCode, stderr } = await during(start, qemuIsThere, () => kill(pidIn(FILES.supervisorStat)));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await qdom(['list'])).toMatch(/killed +paused/);
      await qdom(['destroy', NAME]);
      await expectAllGivenBack();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of all three at once, and of whoever clears up after them: the next command does it',
    async () => {
      await during(start, isOpen, (command) =>
        kill(command, pidIn(FILES.supervisorStat), pidIn(FILES.qemuStat)),
      );
      const { wasAtWork, signal } = await during(['list'], () => !isTaken(), kill);
      expect({ wasAtWork, signal }).toEqual({ wasAtWork: true, signal: 'SIGKILL' });
      await qdom(['list']);
      await expectAllGivenBack();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of the shell and of `qdom destroy` when the card is on its way back: the next command gives everything back',
    async () => {
      await qdom(start);
      kill(pidIn(FILES.supervisorStat));
      const { wasAtWork, signal } = await during(['destroy', NAME], () => !isTaken(), kill);
      expect({ wasAtWork, signal }).toEqual({ wasAtWork: true, signal: 'SIGKILL' });
      expect(await qdom(['list', '--all'])).toMatch(/killed +shut off/);
      await expectAllGivenBack();
    },
    TEST_TIMEOUT_MS,
  );
});
