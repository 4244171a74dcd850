import {
  attribute,
  child,
  childAttribute,
  children,
  element,
  integer,
  oneOf,
  type Read,
  string,
  unless,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';
import { outputOnlyAttribute, outputOnlyChild } from '../output-only.ts';
import { dataStoreSchema } from './chain.ts';
import {
  authSchema,
  cookiesSchema,
  encryptionSchema,
  hostSchema,
  initiatorSchema,
  reconnectSchema,
  slicesSchema,
} from './parts.ts';

const word = string({ nonEmpty: true });

const startupPolicy = attribute(oneOf('mandatory', 'requisite', 'optional'));

/** TLS can be spelled out for any protocol: that it is off is true of most. */
const attributes = {
  name: attribute(word),
  tls: attribute(yesNo),
  tlsHostname: attribute(word),
  startupPolicy,
  index: outputOnlyAttribute(),
} as const;

const hosts = { hosts: children(hostSchema, { name: 'host' }) } as const;

/** What follows the protocol's own children, in the order in which it prints. */
const common = {
  slices: child(slicesSchema),
  auth: child(authSchema),
  encryption: child(encryptionSchema),
  dataStore: child(() => dataStoreSchema),
  privateData: outputOnlyChild(),
} as const;

const patience = {
  readahead: unless(0, childAttribute('size', integer())),
  timeout: unless(0, childAttribute('seconds', integer())),
} as const;

const ssl = { ssl: childAttribute('verify', yesNo) } as const;
const cookies = { cookies: child(cookiesSchema) } as const;
const query = { query: attribute(word) } as const;

/** `<source protocol='…'>` of a network disk (format: `source`, `network`; schema: `diskSourceNetwork`). */
export const networkSourceSchema = variants('protocol', {
  nbd: () => ({
    ...attributes,
    ...hosts,
    reconnect: child(reconnectSchema),
    ...common,
  }),
  iscsi: () => ({ ...attributes, ...hosts, initiator: child(initiatorSchema), ...common }),
  rbd: () => ({
    ...attributes,
    ...hosts,
    snapshot: childAttribute('name', word),
    config: childAttribute('file', word),
    ...common,
  }),
  gluster: () => ({ ...attributes, ...hosts, ...common }),
  http: () => ({ ...attributes, ...query, ...hosts, ...cookies, ...patience, ...common }),
  https: () => ({ ...attributes, ...query, ...hosts, ...ssl, ...cookies, ...patience, ...common }),
  ftp: () => ({ ...attributes, ...hosts, ...patience, ...common }),
  ftps: () => ({ ...attributes, ...hosts, ...ssl, ...patience, ...common }),
  tftp: () => ({ ...attributes, ...hosts, ...patience, ...common }),
  ssh: () => ({
    ...attributes,
    ...hosts,
    knownHosts: childAttribute('path', word),
    identity: child(
      element(() => ({ username: attribute(word), keyfile: attribute(word), agentsock: attribute(word) })),
    ),
    ...common,
  }),
  nfs: () => ({
    ...attributes,
    ...hosts,
    identity: child(element(() => ({ user: attribute(word), group: attribute(word) }))),
    ...common,
  }),
  vxhs: () => ({ ...attributes, ...hosts, ...common }),
  sheepdog: () => ({ ...attributes, ...hosts, ...common }),
});

export type NetworkSource = Read<typeof networkSourceSchema>;
export type NetworkProtocol = NetworkSource['protocol'];
export type ProtocolSource<P extends NetworkProtocol> = Extract<NetworkSource, { readonly protocol: P }>;
