import { keysOption, plainOption } from '../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { fileOwner } from '../../shared/file-owner.ts';

/** `-boot`: the boot menu and what happens when nothing boots. */
export function bootOption({ domain: { os } }: EmitContext): Emission {
  const { bootmenu, bios } = os;
  return emits(
    keysOption('-boot', [
      ['menu', bootmenu?.enable],
      ['reboot-timeout', bios?.rebootTimeout],
      ['splash-time', bootmenu?.enable ? bootmenu.timeout : undefined],
      ['strict', true],
    ]),
  );
}

/** `-kernel` and what belongs to it: QEMU loads the operating system itself. */
export function kernelOptions(cx: EmitContext): Emission {
  const { os } = cx.domain;
  const option = (name: string, value: string | undefined) =>
    value === undefined ? undefined : plainOption(name, value);
  const files = [os.kernel, os.initrd, os.shim, os.dtb];
  return {
    ...emits(
      option('-kernel', os.kernel),
      option('-initrd', os.initrd),
      option('-append', os.cmdline),
      option('-shim', os.shim),
      option('-dtb', os.dtb),
    ),
    host: files.flatMap((path) => fileOwner('kernel', path, { access: 'read' }, cx)),
  };
}

/** A table whose signature QEMU forces, whatever its header says. */
const FORCED_SIGNATURE = { slic: 'SLIC', msdm: 'MSDM', raw: undefined, rawset: undefined } as const;

/** `-acpitable`: tables that are added to the firmware's. */
export function acpiTableOptions(cx: EmitContext): Emission {
  const tables = cx.domain.os.acpi?.table ?? [];
  const options = tables.map(({ type, path }) =>
    keysOption('-acpitable', [
      ['sig', FORCED_SIGNATURE[type]],
      ['file', path],
    ]),
  );
  return { options, host: tables.flatMap(({ path }) => fileOwner('acpi', path, { access: 'read' }, cx)) };
}

/** BIOS messages on the serial port instead of a screen. */
export function serialConsoleOfBios({ domain: { os } }: EmitContext): Emission {
  return { options: [], machine: [['graphics', os.bios?.useserial ? false : undefined]] };
}
