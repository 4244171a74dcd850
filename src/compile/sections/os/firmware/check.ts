import { whereIs } from '../../../../xml/index.ts';
import type { ResolveContext } from '../../../context.ts';
import { osErrors } from '../errors.ts';
import type { OsXml } from '../schema.ts';

/** Reports what of the firmware's elements contradicts itself; true if nothing does. */
export function checkFirmware(os: OsXml, { report }: ResolveContext): boolean {
  const { firmware, loader, nvram } = os;
  const broken: (() => void)[] = [];
  if (firmware === undefined && loader?.path === undefined && (loader ?? nvram) !== undefined)
    broken.push(() => report.add(osErrors['loader-without-path'], undefined, whereIs(loader ?? nvram)));
  if (firmware === undefined && (os.firmwareFeatures?.feature.length ?? 0) > 0)
    broken.push(() => report.add(osErrors['features-without-firmware'], undefined, whereIs(os, 'firmware')));
  if (firmware === 'bios' && nvram !== undefined)
    broken.push(() => report.add(osErrors['bios-with-nvram'], undefined, whereIs(nvram)));
  if (loader?.stateless && nvram !== undefined) {
    const rule = nvram.template === undefined ? 'stateless-with-nvram' : 'stateless-with-template';
    broken.push(() => report.add(osErrors[rule], undefined, whereIs(nvram)));
  }
  // A loader is a ROM unless it says otherwise.
  const isRom = firmware === 'bios' || loader?.type === 'rom' || (firmware === undefined && !loader?.type);
  if (isRom && loader?.stateless === false)
    broken.push(() => report.add(osErrors['rom-keeps-no-state'], undefined, whereIs(loader, '@stateless')));
  if (nvram?.type !== undefined && nvram.source === undefined)
    broken.push(() =>
      report.add(osErrors['nvram-without-source'], { type: nvram.type ?? '' }, whereIs(nvram)),
    );
  if (wants(os, 'enrolled-keys') === true && wants(os, 'secure-boot') === false)
    broken.push(() => report.add(osErrors['keys-without-secure-boot'], undefined, whereIs(os, 'firmware')));
  for (const tell of broken) tell();
  return broken.length === 0;
}

function wants(os: OsXml, feature: 'enrolled-keys' | 'secure-boot'): boolean | undefined {
  return os.firmwareFeatures?.feature.findLast(({ name }) => name === feature)?.enabled;
}
