import type { Domain } from '../../domain.ts';
import { audiodevId } from './emit.ts';
import type { Audio } from './schema.ts';

/** The audio backend that a device names, or the first of all; undefined if there is none. */
export function audioOf(domain: Domain, number: number | undefined): Audio | undefined {
  const { audio } = domain.devices;
  return number === undefined ? audio[0] : audio.find((a) => a.number === number);
}

/** QEMU's id of the same. */
export function audiodevOf(domain: Domain, number: number | undefined): string | undefined {
  const audio = audioOf(domain, number);
  return audio && audiodevId(audio.number);
}
