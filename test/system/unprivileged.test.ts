import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { expect, it } from 'vitest';
import { qdomCommand } from '../helpers/cli.ts';
import { hasQemu, nodeWithTypeScript, noQemu } from '../helpers/machines.ts';

const NOBODY = 65534;
const script = new URL('scenarios/unprivileged.ts', import.meta.url).pathname;
const as = (id: number) => [
  ...['--reuid', String(id), '--regid', String(id), '--clear-groups', '--inh-caps=-all'],
];
const asNobody = as(NOBODY);

function whyNot(): string | undefined {
  if (!hasQemu) return noQemu;
  if (process.getuid?.() !== 0) return 'only root can become another user';
  const readable =
    execaSync('setpriv', [...asNobody, 'test', '-r', script], { reject: false }).exitCode === 0;
  return readable ? undefined : 'other users cannot read this directory';
}

const why = whyNot();

it.skipIf(why !== undefined)(
  `a user without privileges runs machines, and is told which permission a tap and the system directories need${why === undefined ? '' : ` (${why})`}`,
  async () => {
    const { stdout } = await execa('setpriv', [...asNobody, ...nodeWithTypeScript, script], {
      env: { HOME: '/nonexistent' },
      cwd: '/',
    });
    expect(JSON.parse(stdout)).toEqual({
      uid: NOBODY,
      state: 'running',
      end: 'destroyed',
      tap: "no tap for interface 'net0': no permission to open /dev/net/tun",
      left: [],
      systemDefine: expect.stringMatching(/^no permission to (make|lock) '\/run\/qdom/),
    });
  },
);

it.skipIf(why !== undefined)(
  `what a user may not look into does not pass for empty${why === undefined ? '' : ` (${why})`}`,
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'private-'));
    try {
      for (const command of [['list'], ['start', 'g']]) {
        const words = [...asNobody, ...qdomCommand(root), ...command];
        const { exitCode, stderr } = await execa('setpriv', words, { reject: false });
        expect(exitCode).toBe(7);
        expect(stderr).toMatch(
          /^qdom: error: no permission to read '\/.*\/etc' \[cli\/unreadable-directory\]/,
        );
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  },
);

/** A container's user may have a number and nothing else. */
const NAMELESS = 54_321;

it.skipIf(why !== undefined)(
  `a user whom passwd(5) does not know, and who has no home, compiles a domain${why === undefined ? '' : ` (${why})`}`,
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'nameless-'));
    chownSync(root, NAMELESS, NAMELESS);
    const input =
      "<domain type='qemu'><name>g</name><memory>65536</memory><os><type machine='pc'>hvm</type></os></domain>";
    try {
      for (const [where, command] of [
        [root, ['compile', '-']],
        [undefined, ['list']],
      ] as const) {
        const words = [...as(NAMELESS), ...qdomCommand(where), ...command];
        const { exitCode, stderr } = await execa('setpriv', words, {
          ...{ reject: false, input, extendEnv: false, env: { PATH: process.env.PATH } },
        });
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  },
);
