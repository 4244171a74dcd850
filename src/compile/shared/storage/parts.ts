import {
  attribute,
  bigInteger,
  child,
  childAttribute,
  children,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
  text,
  uuid,
  yesNo,
} from '../../../xml/schema/index.ts';

/** The parts of a storage source that several kinds of source share (format: "Hard drives …", `source`). */

const name = string({ nonEmpty: true });

/** A reference to a secret by its UUID or by what it is for. */
const secretRefSchema = element(() => ({
  type: attribute(string({ samples: ['passphrase', 'ceph', 'iscsi'] })),
  uuid: attribute(uuid),
  usage: attribute(name),
}));
export type SecretRef = Read<typeof secretRefSchema>;

export const authSchema = element(() => ({
  username: required(attribute(name)),
  secret: child(secretRefSchema),
}));
export type StorageAuth = Read<typeof authSchema>;

/** Format: "Storage encryption XML". */
export const encryptionSchema = element(() => ({
  format: required(attribute(oneOf('default', 'qcow', 'luks', 'luks2', 'luks-any'))),
  engine: attribute(oneOf('qemu', 'librbd')),
  secrets: children(secretRefSchema, { name: 'secret' }),
  cipher: child(
    element(() => ({
      name: attribute(string()),
      size: attribute(integer()),
      mode: attribute(string()),
      hash: attribute(string()),
    })),
    { keepEmpty: true },
  ),
  ivgen: child(
    element(() => ({ name: attribute(string()), hash: attribute(string()) })),
    { keepEmpty: true },
  ),
}));
export type StorageEncryption = Read<typeof encryptionSchema>;

export const slicesSchema = element(() => ({
  slice: children(
    element(() => ({
      type: required(attribute(oneOf('storage'))),
      offset: required(attribute(bigInteger())),
      size: required(attribute(bigInteger({ min: 1n }))),
    })),
  ),
}));

export const reconnectSchema = element(() => ({
  enabled: attribute(yesNo),
  timeout: attribute(integer()),
  delay: attribute(integer()),
}));

export const reservationsSchema = element(() => ({
  managed: attribute(yesNo),
  source: child(
    element(() => ({
      type: required(attribute(oneOf('unix'))),
      path: required(attribute(name)),
      mode: required(attribute(oneOf('client', 'server'))),
      reconnect: child(reconnectSchema),
    })),
  ),
}));

export const hostSchema = element(() => ({
  transport: attribute(oneOf('tcp', 'rdma', 'unix')),
  name: attribute(name),
  port: attribute(integer({ max: 0xffff_ffff })),
  socket: attribute(name),
}));
export type StorageHost = Read<typeof hostSchema>;

export const initiatorSchema = element(() => ({ iqn: childAttribute('name', name) }));

export const cookiesSchema = element(() => ({
  cookie: children(element(() => ({ name: required(attribute(name)), value: text(string()) }))),
}));
