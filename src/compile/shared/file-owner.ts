import { type CompileConfig, FILE_OWNERS, type FileOwnerRequirement } from '../../plan/index.ts';
import type { Context } from '../context.ts';
import { readDacLabel } from './dac-label.ts';
import type { SourceSeclabel } from './source-seclabel.ts';

interface Use {
  readonly access: FileOwnerRequirement['access'];
  /** What its `<source>` says of its owner. */
  readonly seclabel?: readonly SourceSeclabel[];
}

/**
 * That QEMU's user can use a file which QEMU opens by name. A plan in which QEMU runs as whoever starts it drops it, unless
 * a label of the file itself names an owner (format: "Security label").
 */
export function fileOwner(
  device: string,
  path: string | undefined,
  { access, seclabel = [] }: Use,
  { env }: Pick<Context, 'env'>,
): readonly FileOwnerRequirement[] {
  const own =
    seclabel.find(({ model }) => model === 'dac') ?? seclabel.find(({ model }) => model === undefined);
  if (path === undefined || path === '' || own?.relabel === false) return [];
  const owner = own?.model === 'dac' ? readDacLabel(own.label ?? '') : undefined;
  const within = programDirectory(path, env.config);
  return [
    {
      type: 'file-owner',
      device,
      path,
      access,
      ...(owner && { owner }),
      records: `${env.config.libDir}/${FILE_OWNERS}`,
      ...(within && { within }),
    },
  ];
}

/** The directory of the program's own in which a path is. */
export function programDirectory(path: string, { libDir }: CompileConfig): string | undefined {
  return path.startsWith(`${libDir}/`) ? libDir : undefined;
}
