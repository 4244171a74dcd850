import type { Implication } from '../implied.ts';

/**
 * A domain without `<audio>` has one that plays to whom its screen is shown: SPICE clients, nobody for VNC and
 * for a domain without graphics; where a window of SDL counts, or only D-Bus or EGL does, there is none. Of
 * several graphics the last one counts.
 */
export const audioOfGraphics: Implication = ({ devices }) => {
  if (devices.audio.length > 0) return {};
  const counting = devices.graphics.findLast(
    ({ type }) => type === 'vnc' || type === 'spice' || type === 'sdl',
  );
  if (devices.graphics.length > 0 && (counting === undefined || counting.type === 'sdl')) return {};
  return { audio: [{ number: 1, type: counting?.type === 'spice' ? 'spice' : 'none' }] };
};
