import {
  attribute,
  child,
  childAttribute,
  children,
  childText,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
  text,
  yesNo,
} from '../../../xml/schema/index.ts';
import { foreignChild } from '../../shared/foreign.ts';
import { storageSourceSchema } from '../../shared/storage/index.ts';
import { osErrors } from './errors.ts';

/** Format: "Operating system booting". */

const path = string({ nonEmpty: true, samples: ['/var/lib/qdom/file'] });
const pflashFormat = oneOf('raw', 'qcow2');

const typeSchema = element(() => ({
  arch: attribute(string({ nonEmpty: true, samples: ['x86_64', 'i686'] })),
  machine: attribute(string({ nonEmpty: true, samples: ['q35', 'pc'] })),
  kind: required(text(string({ samples: ['hvm'] }))),
}));

const firmwareFeatureSchema = element(() => ({
  enabled: required(attribute(yesNo)),
  name: required(attribute(oneOf('enrolled-keys', 'secure-boot'))),
}));

const loaderSchema = element(() => ({
  readonly: attribute(yesNo),
  secure: attribute(yesNo),
  type: attribute(oneOf('rom', 'pflash')),
  stateless: attribute(yesNo),
  format: attribute(pflashFormat),
  path: text(path),
}));

export type Loader = Read<typeof loaderSchema>;

const nvramSchema = element(() => ({
  template: attribute(path),
  templateFormat: attribute(pflashFormat),
  type: attribute(oneOf('file', 'block', 'network')),
  format: attribute(pflashFormat),
  source: child(storageSourceSchema),
  path: text(path),
}));
export type Nvram = Read<typeof nvramSchema>;

export const osSchema = element(() => ({
  firmware: attribute(oneOf('bios', 'efi')),
  type: child(typeSchema),
  init: foreignChild(osErrors['other-hypervisor']),
  initarg: foreignChild(osErrors['other-hypervisor']),
  initenv: foreignChild(osErrors['other-hypervisor']),
  initdir: foreignChild(osErrors['other-hypervisor']),
  inituser: foreignChild(osErrors['other-hypervisor']),
  initgroup: foreignChild(osErrors['other-hypervisor']),
  firmwareFeatures: child(
    element(() => ({ feature: children(firmwareFeatureSchema) })),
    { name: 'firmware' },
  ),
  loader: child(loaderSchema),
  nvram: child(nvramSchema),
  kernel: childText(path),
  initrd: childText(path),
  cmdline: childText(string(), { verbatim: true }),
  shim: childText(path),
  dtb: childText(path),
  root: childText(path),
  acpi: child(
    element(() => ({
      table: children(
        element(() => ({
          type: required(attribute(oneOf('raw', 'rawset', 'slic', 'msdm'))),
          path: required(text(path)),
        })),
      ),
    })),
  ),
  boot: children(element(() => ({ dev: required(attribute(oneOf('fd', 'hd', 'cdrom', 'network'))) }))),
  bootmenu: child(
    element(() => ({
      enable: attribute(yesNo),
      timeout: attribute(string({ samples: ['3000'] })),
    })),
  ),
  bios: child(
    element(() => ({
      useserial: attribute(yesNo),
      rebootTimeout: attribute(integer({ min: -(2 ** 31), max: 2 ** 31 - 1, samples: [-1, 1000] })),
    })),
  ),
  smbios: childAttribute('mode', oneOf('emulate', 'host', 'sysinfo')),
}));

export type OsXml = Read<typeof osSchema>;
