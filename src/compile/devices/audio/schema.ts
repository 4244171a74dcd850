import {
  attribute,
  child,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';

const positive = integer({ min: 1, samples: [1, 44100] });

const settingsSchema = element(() => ({
  frequency: attribute(positive),
  channels: attribute(positive),
  format: attribute(oneOf('s8', 'u8', 's16', 'u16', 's32', 'u32', 'f32')),
}));

const common = {
  mixingEngine: attribute(yesNo),
  fixedSettings: attribute(yesNo),
  voices: attribute(positive),
  bufferLength: attribute(positive),
} as const;

const settings = { settings: child(settingsSchema, { keepEmpty: true }) } as const;

const name = attribute(string());
const bufferCount = { bufferCount: attribute(positive) } as const;
const device = { dev: attribute(string({ samples: ['/dev/dsp0'] })) } as const;
const stream = { name, streamName: name, latency: attribute(positive) } as const;

const plain = element(() => ({ ...common, ...settings }));
const alsa = element(() => ({ ...common, ...device, ...settings }));
const counted = element(() => ({ ...common, ...bufferCount, ...settings }));
const oss = element(() => ({ ...common, ...device, ...bufferCount, tryPoll: attribute(yesNo), ...settings }));
const named = element(() => ({ ...common, ...stream, ...settings }));
const jack = element(() => ({
  ...common,
  serverName: name,
  clientName: name,
  connectPorts: name,
  exactName: attribute(yesNo),
  ...settings,
}));

const head = {
  /** `id` of every device is QEMU's. */
  number: required(attribute(integer({ min: 1, samples: [1, 2] }), { name: 'id' })),
  timerPeriod: attribute(positive),
} as const;

/** Format: "Audio backends". */
export const audioSchema = variants('type', {
  none: () => ({ ...head, input: child(plain), output: child(plain) }),
  alsa: () => ({ ...head, input: child(alsa), output: child(alsa) }),
  coreaudio: () => ({ ...head, input: child(counted), output: child(counted) }),
  dbus: () => ({ ...head, input: child(plain), output: child(plain) }),
  jack: () => ({ ...head, input: child(jack), output: child(jack) }),
  oss: () => ({
    ...head,
    tryMMap: attribute(yesNo),
    exclusive: attribute(yesNo),
    dspPolicy: attribute(integer({ max: 2 ** 31 - 1, samples: [0, 5] })),
    input: child(oss),
    output: child(oss),
  }),
  pipewire: () => ({ ...head, runtimeDir: name, input: child(named), output: child(named) }),
  pulseaudio: () => ({ ...head, serverName: name, input: child(named), output: child(named) }),
  sdl: () => ({
    ...head,
    driver: attribute(oneOf('esd', 'alsa', 'arts', 'pulseaudio')),
    input: child(counted),
    output: child(counted),
  }),
  spice: () => ({ ...head, input: child(plain), output: child(plain) }),
  file: () => ({ ...head, path: name, input: child(plain), output: child(plain) }),
});

export type Audio = Read<typeof audioSchema>;
export type AudioType = Audio['type'];
