/**
 * A large object of which little is read, as text: a member is parsed when it is first asked for. Each stands on a line,
 * `"name" TAB JSON`; a member that is split in turn has no JSON, and its own members follow as `"name" TAB "member" TAB JSON`.
 */

type Members = Readonly<Record<string, unknown>>;

/** The names of members that are split, each with those in it that are. */
export interface Split {
  readonly [name: string]: Split;
}

/** The object as text: whole lines. */
export function printLazily(value: object, split: Split, prefix = ''): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const inside = Object.hasOwn(split, name) ? split[name] : undefined;
      const path = pathOf(prefix, name);
      return inside === undefined
        ? `${path}${JSON.stringify(member)}\n`
        : `${path}\n${printLazily(member, inside, path)}`;
    })
    .join('');
}

/** The object that was printed; it looks like any other. */
export function readLazily(text: string): Members {
  return lazyMembers(`\n${text}`, '');
}

/** JSON has no tab and no newline of its own. */
function pathOf(prefix: string, name: string): string {
  return `${prefix}${JSON.stringify(name)}\t`;
}

function lazyMembers(lines: string, prefix: string): Members {
  const read: Record<string, unknown> = {};
  const member = (name: string): unknown => {
    if (!Object.hasOwn(read, name)) {
      const path = pathOf(prefix, name);
      const value = lineOf(lines, path);
      if (value === undefined) return undefined;
      read[name] = value === '' ? lazyMembers(lines, path) : JSON.parse(value);
    }
    return read[name];
  };
  return new Proxy(read, {
    get: (_, name) => (typeof name === 'string' ? member(name) : undefined),
    has: (_, name) => typeof name === 'string' && member(name) !== undefined,
    ownKeys: () => namesIn(lines, prefix),
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === 'string' && member(name) !== undefined
        ? Object.getOwnPropertyDescriptor(read, name)
        : undefined,
  });
}

/** What stands on the line behind its name. */
function lineOf(lines: string, path: string): string | undefined {
  const at = lines.indexOf(`\n${path}`);
  if (at < 0) return undefined;
  const start = at + 1 + path.length;
  return lines.slice(start, lines.indexOf('\n', start));
}

function namesIn(lines: string, prefix: string): string[] {
  return lines
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).split('\t'))
    .filter(({ length }) => length === 2)
    .map(([name = '']) => JSON.parse(name));
}
