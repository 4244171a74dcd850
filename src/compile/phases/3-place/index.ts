import type { Context } from '../../context.ts';
import type { Domain, ParsedDomain } from '../../domain.ts';
import { addControllers } from './add-controllers.ts';
import { refuseForeignAddresses, refuseWrongAddresses } from './address-types.ts';
import { placeDrives } from './drives.ts';
import { mirrorFirstConsole } from './first-console.ts';
import { assignIds } from './ids.ts';
import { placePci } from './pci/index.ts';
import { placeSerialPorts } from './serial-ports.ts';
import { placeSmartcards } from './smartcard-slots.ts';
import { placeUsb } from './usb/index.ts';

/** Gives every device its id and its address, and adds the controllers that they need. */
export function place(resolved: ParsedDomain, cx: Context): Domain {
  refuseForeignAddresses(resolved, cx);
  const drives = placeDrives(resolved, cx);
  const serial = placeSerialPorts(drives.domain, cx);
  const cards = placeSmartcards(serial.domain, cx);
  const missing = [...drives.missing, ...serial.missing, ...cards.missing];
  const onPci = placePci(addControllers(cards.domain, missing, cx), cx);
  const kept = cx.env.abiUpdate ? placeUsb(onPci, cx) : onPci;
  return mirrorFirstConsole(assignIds(kept));
}

/**
 * Gives USB devices the ports that the definition does not keep. Only a definition that is new keeps them: libvirt's older
 * ones have none, and a guest finds its USB devices wherever they are.
 */
export function placeForStart(domain: Domain, cx: Context): Domain {
  refuseWrongAddresses(domain, cx);
  return cx.env.abiUpdate ? domain : assignIds(placeUsb(domain, cx));
}
