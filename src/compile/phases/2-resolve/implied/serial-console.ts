import type { ParsedDomain, XmlOf } from '../../../domain.ts';
import type { Implication } from '../implied.ts';

type SerialXml = XmlOf<'serial'>;
type ConsoleXml = XmlOf<'console'>;

/**
 * The first console and the first serial port are one device with two names (format: "Relationship between
 * serial ports and consoles"): a console brings its port, an ISA port brings its console.
 */
export const serialAndConsole: Implication = ({ devices }: ParsedDomain) => {
  const { serial, console } = devices;
  const [firstSerial] = serial;
  const [firstConsole] = console;
  if (firstConsole !== undefined && isSerial(firstConsole))
    return firstSerial === undefined ? { serial: [portOf(firstConsole)] } : {};
  const isIsa = firstSerial !== undefined && (firstSerial.target?.type ?? 'isa-serial') === 'isa-serial';
  return isIsa ? { console: [consoleOf(firstSerial), ...console] } : {};
};

function isSerial({ target }: ConsoleXml): boolean {
  return (target?.type ?? 'serial') === 'serial';
}

function portOf({ target: _, tty: __, ...console }: ConsoleXml): SerialXml {
  return { ...console, target: { type: 'isa-serial', port: 0 } };
}

function consoleOf({ target: _, acpi: __, ...serial }: SerialXml): ConsoleXml {
  return { ...serial, target: { type: 'serial' } };
}
