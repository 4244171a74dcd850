import { beforeAll, describe, expect, it } from 'vitest';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';

const why = noNamespaces();

describe.skipIf(why !== undefined)(
  `a virtual network that shares its bandwidth out${why === undefined ? '' : ` (${why})`}`,
  () => {
    let seen: Record<string, unknown> = {};
    beforeAll(async () => {
      seen = await inNamespace(new URL('scenarios/bandwidth-floors.ts', import.meta.url));
    }, 60_000);

    it('has all of it for guests that ask for nothing', () => {
      expect(seen.shared).toMatch(/class htb 1:1 root .*rate 8Mbit ceil 40Mbit/);
      expect(seen.shared).toMatch(/class htb 1:2 parent 1:1 .*rate 8Kbit ceil 40Mbit/);
    });

    it('gives a guest its floor, by its MAC, and takes it back with the machine', () => {
      const [classes = '', filters = ''] = seen.withFloor as string[];
      const [, id = ''] = /class htb (1:\w{2,}) parent 1:1 .*rate 4800Kbit ceil 40Mbit/.exec(classes) ?? [];
      expect(id).not.toBe('');
      expect(filters).toContain(`flowid ${id}`);
      expect(filters).toMatch(/match 00000001\/ffffffff at -12/);
      expect(seen.undone).toEqual([]);
      expect(seen.after).toEqual([seen.shared, '']);
    });

    it('promises no more than there is', () => {
      expect(seen.tooMuch).toBe(
        "interface 'net0' cannot have its floor: 500 kilobytes a second for this machine and 600 for others are more than the 1000 of 'virbr9'",
      );
    });

    it('leaves the host as it was', () => {
      expect(seen.end).toEqual([]);
      expect(seen.same).toBe(true);
    });
  },
);
