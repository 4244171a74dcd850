import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { hasDbusDisplay } from '../../shared/dbus-display.ts';
import type { Placed } from '../../shared/device-base.ts';
import { emitAudio } from './emit.ts';
import { audioErrors } from './errors.ts';
import { type Audio, audioSchema } from './schema.ts';

/** Format: "Audio backends". */
export const audio: DeviceModule<Audio> = {
  kind: 'audio',
  schema: audioSchema,
  resolve: (xml) => withSettings(withSettings(xml, 'input'), 'output'),
  validate: validateAudio,
  emit: emitAudio,
};

/** Fixed settings print even where all of them are the defaults. */
function withSettings(xml: Audio, name: 'input' | 'output'): Audio {
  const side = xml[name];
  return side?.fixedSettings ? { ...xml, [name]: { ...side, settings: side.settings ?? {} } } : xml;
}

function validateAudio(device: Placed<Audio>, cx: ValidateContext): void {
  const { audio: all, graphics } = cx.domain.devices;
  const { number, type } = device;
  if (all.find((a) => a.number === number)?.id !== device.id)
    cx.report.add(audioErrors['duplicate-id'], { id: number }, whereIs(device, '@id'));
  if (type === 'spice' && !graphics.some((g) => g.type === 'spice'))
    cx.report.add(audioErrors['spice-without-graphics'], undefined, whereIs(device, '@type'));
  if (type === 'dbus' && !hasDbusDisplay(cx.env.caps))
    cx.report.add(audioErrors['type-unavailable'], { type }, whereIs(device, '@type'));
  for (const side of ['input', 'output'] as const) validateSide(device, side, cx);
}

function validateSide(device: Audio, side: 'input' | 'output', cx: ValidateContext): void {
  const settings = device[side];
  if (settings?.fixedSettings && settings.mixingEngine !== true)
    cx.report.add(audioErrors['fixed-without-engine'], { side }, whereIs(settings, '@fixedSettings'));
  if (settings?.settings !== undefined && settings.fixedSettings !== true)
    cx.report.add(audioErrors['settings-not-fixed'], { side }, whereIs(settings, 'settings'));
}
