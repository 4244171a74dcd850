import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { filesystemErrors as errors } from './errors.ts';
import { driverOf, type Filesystem } from './model.ts';
import type { FilesystemXml } from './schema.ts';

/** Fills in what is not written. What only virtiofsd knows of says nothing of another file system. */
export function resolveFilesystem(written: FilesystemXml, cx: ResolveContext): Filesystem {
  const driver = driverOf(written);
  const xml = driver === 'virtiofs' || driver === 'mtp' ? written : withoutVirtiofsd(written, cx);
  return {
    ...xml,
    type: xml.type ?? 'mount',
    // Who serves a socket decides about access.
    ...(xml.accessmode === undefined &&
      xml.source?.socket === undefined && { accessmode: 'passthrough' as const }),
  };
}

function withoutVirtiofsd(filesystem: FilesystemXml, cx: ResolveContext): FilesystemXml {
  const { binary, idmap, driver, ...rest } = filesystem;
  const wheres = {
    binary: binary && whereIs(filesystem, 'binary'),
    idmap: idmap && whereIs(filesystem, 'idmap'),
    queue: driver?.queue === undefined ? undefined : whereIs(driver, '@queue'),
  };
  for (const [what, where] of Object.entries(wheres))
    if (where !== undefined)
      cx.report.add(errors['ignored-without-virtiofs'], { what, driver: driverOf(filesystem) }, where);
  return { ...rest, ...(driver && { driver: { ...driver, queue: undefined } }) };
}
