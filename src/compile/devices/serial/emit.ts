import { jsonOption } from '../../../plan/index.ts';
import { concatEmissions, type Emission, type EmitContext, emits } from '../../context.ts';
import { changed } from '../../shared/changed.ts';
import { chardevId, consoleEndpoint, emitChardev } from '../../shared/chardev/index.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import type { Serial } from './model.ts';

export function emitSerial(serial: Placed<Serial>, cx: EmitContext): Emission {
  const device = jsonOption('-device', {
    driver: serial.target.model,
    chardev: chardevId(serial.id),
    id: serial.id,
    index: serial.target.type === 'isa-serial' ? serial.target.port : undefined,
    ...addressProps(serial, cx.domain),
  });
  const emission = concatEmissions([emitChardev(serial, { device: serial.id }, cx), emits(device)]);
  return changed(emission, { consoles: [consoleEndpoint(serial, serial.id)] });
}
