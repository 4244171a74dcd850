/** A line of `/proc/self/mounts` (proc(5)). */
export interface Mount {
  readonly path: string;
  /** `tmpfs`, `cgroup2` */
  readonly type: string;
  readonly options: readonly string[];
}

/** What is mounted, in the order of the mounts. White space in a path is written there as octal numbers: `\\040`. */
export function parseMounts(text: string): readonly Mount[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, path = '', type = '', options = ''] = line.split(' ');
      return { path: plainPath(path), type, options: options.split(',') };
    });
}

/** What this process sees mounted. */
export function mountsOf(host: { readText(path: string): string | undefined }): readonly Mount[] {
  return parseMounts(host.readText('/proc/self/mounts') ?? '');
}

function plainPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
