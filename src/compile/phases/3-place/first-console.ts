import type { Domain } from '../../domain.ts';

/** The first console shows what the first serial port became: it is the same device (see `serialAndConsole`). */
export function mirrorFirstConsole(domain: Domain): Domain {
  const { serial, console } = domain.devices;
  const [port] = serial;
  const [first, ...others] = console;
  if (port === undefined || first === undefined || first.target.type !== 'serial') return domain;
  const { source, protocol, log, alias, address, ...rest } = first;
  const mirrored = {
    ...rest,
    type: port.type,
    source: port.source,
    ...(port.protocol && { protocol: port.protocol }),
    ...(port.log && { log: port.log }),
    target: { ...first.target, port: port.target.port },
    ...(port.alias !== undefined && { alias: port.alias }),
    ...(port.address && { address: port.address }),
  };
  return { ...domain, devices: { ...domain.devices, console: [mirrored, ...others] } };
}
