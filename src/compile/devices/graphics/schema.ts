import {
  attribute,
  child,
  children,
  element,
  integer,
  oneOf,
  onOff,
  type Read,
  required,
  string,
  unless,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';

const listenSchema = element(() => ({
  type: required(attribute(oneOf('address', 'network', 'socket', 'none'))),
  address: attribute(string({ samples: ['127.0.0.1', '::1'] })),
  network: attribute(string({ samples: ['default'] })),
  socket: attribute(string({ samples: ['/run/vnc.sock'] })),
}));

/** -1 is the old way to say that a port is chosen at start. */
const port = attribute(integer({ min: -(2 ** 31), max: 2 ** 31 - 1, samples: [5900, -1] }));
const words = attribute(string());
const answer = attribute(yesNo);
const listen = children(listenSchema);
const audio = child(element(() => ({ id: required(attribute(integer({ min: 1, samples: [1] }))) })));
const wan = oneOf('auto', 'never', 'always');

const validTo = attribute(
  string({
    pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
    expected: 'a time in UTC as YYYY-MM-DDTHH:MM:SS',
    samples: ['2030-01-01T00:00:00'],
  }),
);
const password = {
  passwd: words,
  passwdValidTo: validTo,
  connected: attribute(oneOf('fail', 'disconnect', 'keep')),
} as const;

export const SPICE_CHANNELS = [
  'main',
  'display',
  'inputs',
  'cursor',
  'playback',
  'record',
  'smartcard',
  'usbredir',
] as const;

const gl = child(
  element(() => ({
    enable: required(attribute(yesNo)),
    rendernode: attribute(string({ samples: ['/dev/dri/renderD128'] })),
  })),
);

/** Format: "Graphical framebuffers". */
export const graphicsSchema = variants('type', {
  vnc: () => ({
    port,
    autoport: answer,
    websocket: unless(0, port),
    listen,
    listenAddress: attribute(string({ samples: ['127.0.0.1'] }), { name: 'listen' }),
    socket: attribute(string({ samples: ['/run/vnc.sock'] })),
    keymap: words,
    sharePolicy: attribute(oneOf('allow-exclusive', 'force-shared', 'ignore')),
    powerControl: answer,
    ...password,
    audio,
  }),
  spice: () => ({
    port,
    tlsPort: port,
    autoport: answer,
    listen,
    listenAddress: attribute(string({ samples: ['127.0.0.1'] }), { name: 'listen' }),
    socket: attribute(string({ samples: ['/run/spice.sock'] })),
    keymap: words,
    defaultMode: attribute(oneOf('any', 'secure', 'insecure')),
    ...password,
    channel: children(
      element(() => ({
        name: required(attribute(oneOf(...SPICE_CHANNELS))),
        mode: required(attribute(oneOf('any', 'secure', 'insecure'))),
      })),
    ),
    image: child(
      element(() => ({
        compression: required(attribute(oneOf('auto_glz', 'auto_lz', 'quic', 'glz', 'lz', 'off'))),
      })),
    ),
    jpeg: child(element(() => ({ compression: required(attribute(wan)) }))),
    zlib: child(element(() => ({ compression: required(attribute(wan)) }))),
    playback: child(element(() => ({ compression: required(attribute(onOff)) }))),
    streaming: child(element(() => ({ mode: required(attribute(oneOf('filter', 'all', 'off'))) }))),
    mouse: child(element(() => ({ mode: required(attribute(oneOf('server', 'client'))) }))),
    clipboard: child(element(() => ({ copypaste: required(attribute(yesNo)) }))),
    filetransfer: child(element(() => ({ enable: required(attribute(yesNo)) }))),
    gl,
  }),
  sdl: () => ({
    display: words,
    xauth: words,
    fullscreen: answer,
    gl: child(element(() => ({ enable: required(attribute(yesNo)) }))),
  }),
  'egl-headless': () => ({
    gl: child(element(() => ({ rendernode: attribute(string({ samples: ['/dev/dri/renderD128'] })) }))),
  }),
  dbus: () => ({ p2p: answer, busAddress: attribute(string(), { name: 'address' }), gl, audio }),
  rdp: () => ({
    port,
    autoport: answer,
    replaceUser: answer,
    multiUser: answer,
    username: words,
    passwd: words,
    listen,
    listenAddress: attribute(string({ samples: ['127.0.0.1'] }), { name: 'listen' }),
  }),
  desktop: () => ({ display: words, fullscreen: answer }),
});

export type Graphics = Read<typeof graphicsSchema>;
export type GraphicsOf<T extends Graphics['type']> = Extract<Graphics, { readonly type: T }>;
export type Listen = GraphicsOf<'vnc'>['listen'][number];
export type Vnc = GraphicsOf<'vnc'>;
export type Spice = GraphicsOf<'spice'>;
