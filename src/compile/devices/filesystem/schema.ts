import {
  attribute,
  bigInteger,
  child,
  childAttribute,
  children,
  element,
  flag,
  integer,
  oneOf,
  onOff,
  type Read,
  required,
  string,
  text,
  unless,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { unit } from '../../shared/size.ts';
import { virtioOptions } from '../../shared/virtio-options.ts';

const path = string({ nonEmpty: true, samples: ['/srv/share'] });

/** Octal permission bits without those for set-id and sticky, printed with four digits. */
const createMode = {
  read: (value: string) => (/^0*[0-7]{1,3}$/.test(value) ? Number.parseInt(value, 8) : undefined),
  write: (value: number) => value.toString(8).padStart(4, '0'),
  expected: 'octal permission bits up to 0777',
  samples: [0o644, 0o755] as const,
};

const idRangeSchema = element(() => ({
  start: required(attribute(integer())),
  target: required(attribute(integer())),
  count: required(attribute(integer())),
}));

const binarySchema = element(() => ({
  path: attribute(path),
  xattr: attribute(onOff),
  cache: childAttribute('mode', oneOf('none', 'always')),
  sandbox: childAttribute('mode', oneOf('namespace', 'chroot')),
  lock: child(element(() => ({ posix: attribute(onOff), flock: attribute(onOff) }))),
  thread_pool: childAttribute('size', integer()),
  openfiles: childAttribute('max', integer({ min: 1, max: Number.MAX_SAFE_INTEGER, samples: [4096] })),
}));

const spaceSchema = element(() => ({ unit: attribute(unit), amount: text(bigInteger()) }));

/** Format: "Filesystems"; schema: `filesystem`. */
export const filesystemSchema = element(() => ({
  type: attribute(oneOf('mount', 'template', 'file', 'block', 'ram', 'bind')),
  accessmode: attribute(oneOf('passthrough', 'mapped', 'squash')),
  model: attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional')),
  fmode: unless(0, attribute(createMode)),
  dmode: unless(0, attribute(createMode)),
  multidevs: unless('default', attribute(oneOf('default', 'remap', 'forbid', 'warn'))),
  driver: child(
    element(() => ({
      type: attribute(oneOf('path', 'handle', 'virtiofs', 'mtp', 'loop', 'nbd', 'ploop')),
      format: attribute(string()),
      wrpolicy: attribute(oneOf('immediate')),
      queue: unless(0, attribute(integer({ max: 0xffff }))),
      ...virtioOptions,
    })),
  ),
  binary: child(binarySchema),
  idmap: child(
    element(() => ({
      uid: children(idRangeSchema),
      gid: children(idRangeSchema),
    })),
  ),
  source: child(
    element(() => ({
      dir: attribute(path),
      socket: attribute(path),
      name: attribute(path),
      file: attribute(path),
      dev: attribute(path),
      usage: attribute(bigInteger()),
      units: attribute(unit),
    })),
  ),
  target: child(element(() => ({ dir: attribute(string({ nonEmpty: true, samples: ['share'] })) }))),
  readonly: flag(),
  space_hard_limit: child(spaceSchema),
  space_soft_limit: child(spaceSchema),
  boot: deviceInfo.boot,
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type FilesystemXml = Read<typeof filesystemSchema>;
