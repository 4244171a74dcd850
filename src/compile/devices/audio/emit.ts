import { jsonOption, type Props, type PropValue } from '../../../plan/index.ts';
import { type Emission, emits } from '../../context.ts';
import type { Audio, AudioType } from './schema.ts';

const DRIVER: { readonly [T in AudioType]?: string } = { pulseaudio: 'pa', file: 'wav' };

/** The properties of one direction whose name is not libvirt's. */
const DIRECTION: Readonly<Record<string, string>> = {
  mixingEngine: 'mixing-engine',
  fixedSettings: 'fixed-settings',
  voices: 'voices',
  bufferLength: 'buffer-length',
  frequency: 'frequency',
  channels: 'channels',
  format: 'format',
  dev: 'dev',
  bufferCount: 'buffer-count',
  tryPoll: 'try-poll',
  serverName: 'server-name',
  clientName: 'client-name',
  connectPorts: 'connect-ports',
  exactName: 'exact-name',
  name: 'name',
  streamName: 'stream-name',
  latency: 'latency',
};

type Direction = Omit<NonNullable<Audio['input']>, 'settings'> & { readonly settings?: object | undefined };

/** QEMU's id of an audio backend. */
export function audiodevId(number: number): string {
  return `audio${number}`;
}

/** `-audiodev` (QAPI: Audiodev). Where SDL and PipeWire find their server is said by the environment. */
export function emitAudio(audio: Audio): Emission {
  const option = jsonOption('-audiodev', {
    id: audiodevId(audio.number),
    driver: DRIVER[audio.type] ?? audio.type,
    'timer-period': audio.timerPeriod,
    ...ofType(audio),
    in: direction(audio.input),
    out: direction(audio.output),
  });
  return { ...emits(option), environment: environmentOf(audio) };
}

function ofType(audio: Audio): Record<string, PropValue | undefined> {
  if (audio.type === 'oss')
    return { 'try-mmap': audio.tryMMap, exclusive: audio.exclusive, 'dsp-policy': audio.dspPolicy };
  if (audio.type === 'pulseaudio') return { server: audio.serverName };
  if (audio.type === 'file') return { path: audio.path };
  return {};
}

function environmentOf(audio: Audio): Record<string, string> {
  if (audio.type === 'sdl' && audio.driver !== undefined) return { SDL_AUDIODRIVER: audio.driver };
  if (audio.type === 'pipewire' && audio.runtimeDir !== undefined)
    return { PIPEWIRE_RUNTIME_DIR: audio.runtimeDir };
  return {};
}

function direction(side: Direction | undefined): Props | undefined {
  if (side === undefined) return undefined;
  const said: Readonly<Record<string, PropValue | undefined>> = { ...side, ...side.settings } as never;
  const entries = Object.entries(DIRECTION).map(([word, qemu]) => [qemu, said[word]] as const);
  return entries.every(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}
