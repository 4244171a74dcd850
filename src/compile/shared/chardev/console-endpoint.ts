import type { ConsoleEndpoint } from '../../../plan/index.ts';
import { chardevId } from './emit.ts';
import type { Chardev } from './model.ts';

/** Where a person finds the device while the machine runs; a socket that QEMU connects to is somebody else's. */
export function consoleEndpoint(chardev: Chardev, device: string): ConsoleEndpoint {
  return { alias: device, chardev: chardevId(device), ...backendAndTarget(chardev) };
}

function backendAndTarget({ type, source: [source] }: Chardev): Pick<ConsoleEndpoint, 'backend' | 'target'> {
  const serves = source?.mode === 'bind';
  if (type === 'unix' && serves && source.path !== undefined) return { backend: type, target: source.path };
  if (type === 'tcp' && serves) return { backend: type, target: `${source.host}:${source.service}` };
  if (type === 'file' && source?.path !== undefined) return { backend: type, target: source.path };
  if (type === 'pty' || type === 'stdio' || type === 'null') return { backend: type };
  return { backend: 'other' };
}
