import {
  attribute,
  child,
  childAttribute,
  children,
  element,
  integer,
  oneOf,
  onOff,
  type Read,
  string,
  yesNo,
} from '../../../xml/schema/index.ts';
import { sourceSeclabels } from '../source-seclabel.ts';
import { attributeWithoutMeaning } from '../without-meaning.ts';

/** The host side of a character device (format: "Host interface"). */
export const chardevType = oneOf(
  'null',
  'vc',
  'pty',
  'dev',
  'file',
  'pipe',
  'stdio',
  'udp',
  'tcp',
  'unix',
  'spicevmc',
  'spiceport',
  'nmdm',
  'qemu-vdagent',
  'dbus',
);

const reconnectSchema = element(() => ({
  enabled: attribute(yesNo),
  timeout: attribute(integer()),
  /** Of NBD disks. */
  delay: attributeWithoutMeaning(),
}));

const sourceSchema = element(() => ({
  mode: attribute(oneOf('connect', 'bind')),
  path: attribute(string()),
  host: attribute(string()),
  service: attribute(string()),
  append: attribute(onOff),
  tls: attribute(yesNo),
  channel: attribute(string()),
  master: attribute(string()),
  slave: attribute(string()),
  reconnect: child(reconnectSchema),
  seclabel: sourceSeclabels,
  clipboard: childAttribute('copypaste', yesNo, { needed: true }),
  mouse: childAttribute('mode', oneOf('server', 'client'), { needed: true }),
}));

/** The children of a character device in the order in which they print; spread them into the device's schema. */
export const chardevFields = {
  source: children(sourceSchema),
  protocol: child(element(() => ({ type: attribute(oneOf('raw', 'telnet', 'telnets', 'tls')) }))),
  log: child(element(() => ({ file: attribute(string()), append: attribute(onOff) }))),
} as const;

export type ChardevSource = Read<typeof sourceSchema>;
