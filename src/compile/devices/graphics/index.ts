import { type Emission, type EmitContext, emits } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { emitDbus, emitEglHeadless, emitRdp, emitSdl } from './emit-display.ts';
import { emitSpice } from './emit-spice.ts';
import { emitVnc } from './emit-vnc.ts';
import { resolveGraphics } from './resolve.ts';
import { type Graphics, graphicsSchema } from './schema.ts';
import { validateGraphics } from './validate.ts';

/** Format: "Graphical framebuffers". */
export const graphics: DeviceModule<Graphics> = {
  kind: 'graphics',
  schema: graphicsSchema,
  resolve: resolveGraphics,
  validate: validateGraphics,
  emit: emitGraphics,
};

function emitGraphics(device: Graphics, cx: EmitContext): Emission {
  switch (device.type) {
    case 'vnc':
      return emitVnc(device, cx);
    case 'spice':
      return emitSpice(device, cx);
    case 'sdl':
      return emitSdl(device);
    case 'egl-headless':
      return emitEglHeadless(device, cx);
    case 'dbus':
      return emitDbus(device, cx);
    case 'rdp':
      return emitRdp(device, cx);
    case 'desktop':
      return emits();
  }
}
