import { hasOption } from '../../../plan/index.ts';
import { type Sourced, whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { isQ35, machineOf } from '../../shared/machine.ts';
import { validateChain } from '../../shared/storage/index.ts';
import { osErrors } from './errors.ts';
import { variablesImage } from './pflash.ts';
import type { Os } from './resolve.ts';

/** Reports what of `<os>` contradicts itself or is not for this machine. */
export function validateOs(os: Os, cx: ValidateContext): void {
  checkTimeouts(os, cx);
  checkKernel(os, cx);
  checkAcpiTables(os, cx);
  checkBootOrder(os, cx);
  checkLoader(os, cx);
  const variables = os.nvram && variablesImage(os.nvram);
  if (variables !== undefined) validateChain(variables, cx);
  if (os.bios?.useserial && cx.domain.devices.serial.length === 0)
    cx.report.add(osErrors['serial-without-port'], undefined, whereIs(os, 'bios', '@useserial'));
}

function checkLoader({ loader, firmware, nvram }: Os, cx: ValidateContext): void {
  const { features } = cx.domain;
  const isUefi = firmware === 'efi' || loader?.type === 'pflash';
  if (isUefi && features?.acpi !== true)
    cx.report.add(osErrors['uefi-without-acpi'], undefined, whereIs(loader ?? cx.domain.os));
  if (loader?.type === 'rom' && nvram !== undefined)
    cx.report.add(osErrors['rom-with-nvram'], undefined, whereIs(nvram));
  if (loader?.secure !== true) return;
  const where = whereIs(loader, '@secure');
  if (loader.type === 'rom') cx.report.add(osErrors['secure-rom'], undefined, where);
  if (!isQ35(cx.domain))
    cx.report.add(osErrors['secure-on-machine'], { machine: machineOf(cx.domain) }, where);
  if (features?.smm === undefined || features.smm.state === false)
    cx.report.add(osErrors['secure-without-smm'], undefined, where);
}

function checkTimeouts({ bootmenu, bios }: Os, cx: ValidateContext): void {
  const { timeout } = bootmenu ?? {};
  if (timeout !== undefined && !(/^\d+$/.test(timeout) && Number(timeout) <= 65535))
    cx.report.add(osErrors['bad-menu-timeout'], { timeout }, whereIs(bootmenu, '@timeout'));
  const { rebootTimeout } = bios ?? {};
  if (rebootTimeout !== undefined && (rebootTimeout < -1 || rebootTimeout > 65535))
    cx.report.add(
      osErrors['bad-reboot-timeout'],
      { timeout: rebootTimeout },
      whereIs(bios, '@rebootTimeout'),
    );
}

function checkKernel(os: Os, cx: ValidateContext): void {
  if (os.root !== undefined)
    cx.report.add(osErrors['other-hypervisor'], { name: 'root' }, whereIs(os, 'root'));
  // QEMU 10.0: the option is the machine's property of that name.
  if (os.shim !== undefined && !hasOption(cx.env.caps, 'machine', 'shim'))
    cx.report.add(osErrors['shim-unavailable'], undefined, whereIs(os, 'shim'));
  if (os.kernel !== undefined) return;
  for (const name of ['initrd', 'cmdline', 'shim'] as const)
    if (os[name] !== undefined) cx.report.add(osErrors['kernel-needed'], { name }, whereIs(os, name));
}

function checkAcpiTables({ acpi }: Os, cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const table of acpi?.table ?? []) {
    const { type } = table;
    const where = whereIs(table, '@type');
    if (type === 'rawset') cx.report.add(osErrors['unsupported-acpi-table'], { type }, where);
    else if (type !== 'raw' && seen.has(type))
      cx.report.add(osErrors['repeated-acpi-table'], { type }, where);
    seen.add(type);
  }
}

/** The place in the boot order is each device's own, and `<os><boot>` is another way to say it. */
function checkBootOrder(os: Os, cx: ValidateContext): void {
  const { devices } = cx.domain;
  const seen = new Set<number>();
  for (const kind of ['disk', 'interface', 'hostdev', 'redirdev'] as const)
    for (const device of devices[kind] as readonly WithBoot[]) {
      const { order } = device.boot ?? {};
      if (order === undefined) continue;
      const where = whereIs(device, 'boot', '@order');
      if (os.boot.length > 0) cx.report.add(osErrors['boot-twice'], { order }, where);
      if (seen.has(order)) cx.report.add(osErrors['repeated-boot-order'], { order }, where);
      seen.add(order);
    }
}

interface WithBoot extends Sourced {
  readonly boot?: { readonly order?: number | undefined } | undefined;
}
