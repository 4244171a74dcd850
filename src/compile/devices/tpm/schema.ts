import {
  attribute,
  child,
  childAttribute,
  element,
  flag,
  integer,
  oneOf,
  type Read,
  required,
  string,
  uuid,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';

const version = attribute(oneOf('1.2', '2.0'));
const path = attribute(string({ samples: ['/dev/tpm0'] }));

const backendSchema = variants('type', {
  passthrough: () => ({ device: childAttribute('path', string({ nonEmpty: true, samples: ['/dev/tpm0'] })) }),
  emulator: () => ({
    version,
    persistent_state: attribute(yesNo),
    debug: attribute(integer({ samples: [1] })),
    encryption: childAttribute('secret', uuid),
    active_pcr_banks: child(
      element(() => ({ sha1: flag(), sha256: flag(), sha384: flag(), sha512: flag() })),
    ),
    source: child(element(() => ({ type: attribute(oneOf('file', 'dir')), path }))),
    profile: child(
      element(() => ({
        source: attribute(string({ samples: ['local:restricted'] })),
        removeDisabled: attribute(oneOf('check', 'fips-host')),
        name: attribute(string({ samples: ['custom:restricted'] })),
      })),
    ),
  }),
  external: () => ({
    source: child(
      element(() => ({ type: attribute(oneOf('unix')), mode: attribute(oneOf('connect', 'bind')), path })),
    ),
  }),
});

/** Format: "TPM device". */
export const tpmSchema = element(() => ({
  model: attribute(oneOf('tpm-tis', 'tpm-crb', 'tpm-spapr', 'spapr-tpm-proxy')),
  backend: required(child(backendSchema)),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type TpmXml = Read<typeof tpmSchema>;
export type Tpm = TpmXml & { readonly model: NonNullable<TpmXml['model']> };
export type BackendOf<T extends TpmXml['backend']['type']> = Extract<TpmXml['backend'], { readonly type: T }>;
