import { keysOption, plainOption, qdomFrame } from '../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../context.ts';
import { machineDirectory } from '../shared/machine-paths.ts';
import { libvirtMonitor, masterKey } from './libvirt.ts';

/**
 * What stands around the guest and is no part of it. The two profiles differ here and nowhere else: libvirt's
 * waits for a daemon, qdom's keeps its own record (`src/plan/frame.ts`).
 */

/** `-name`. */
export function nameOption({ domain }: EmitContext): Emission {
  return emits(
    keysOption('-name', [
      ['guest', domain.name],
      ['debug-threads', true],
    ]),
  );
}

/** `-S`: QEMU waits for `cont` before the guest's first instruction. */
export function pausedOption({ env }: EmitContext): Emission {
  return emits(env.profile.kind === 'libvirt' ? plainOption('-S') : undefined);
}

/** The key that encrypts the secrets which libvirt puts on the command line. */
export function masterKeyObject({ domain, env }: EmitContext): Emission {
  return emits(env.profile.kind === 'libvirt' ? masterKey(machineDirectory(domain.name, env)) : undefined);
}

export function uuidOption({ domain }: EmitContext): Emission {
  return emits(plainOption('-uuid', domain.uuid));
}

/** `-display none`: no window. Graphics say for themselves where the screen is shown. */
export function displayNoneOption({ domain }: EmitContext): Emission {
  return emits(domain.devices.graphics.length === 0 ? plainOption('-display', 'none') : undefined);
}

/** QEMU adds nothing of its own, and reads no configuration file. */
export function bareMachine(_cx: EmitContext): Emission {
  return emits(plainOption('-no-user-config'), plainOption('-nodefaults'));
}

/** The monitor, and in qdom's profile all that watches over the machine. */
export function monitorOptions({ domain, env }: EmitContext): Emission {
  if (env.profile.kind === 'libvirt') return { options: libvirtMonitor() };
  const lifecycle = {
    onPoweroff: domain.on_poweroff,
    onReboot: domain.on_reboot,
    onCrash: domain.on_crash,
  };
  return { options: qdomFrame(env.profile.runDir, env.caps, lifecycle) };
}

/** `-no-shutdown`: when the guest powers off, QEMU stops and stays until it has been asked why. */
export function noShutdownOption({ env }: EmitContext): Emission {
  return emits(env.profile.kind === 'libvirt' ? plainOption('-no-shutdown') : undefined);
}

/** The descriptor on which libvirt passes what it reads from standard input. */
const LIBVIRT_STDIN = 'fd:7';

/** `-incoming`: the machine waits for a migration. */
export function incomingOption({ env }: EmitContext): Emission {
  const { incoming, profile } = env;
  if (incoming === undefined) return emits();
  const uri = incoming === 'stdio' && profile.kind === 'libvirt' ? LIBVIRT_STDIN : incoming;
  return emits(plainOption('-incoming', uri));
}

/** `-sandbox`: the system calls that QEMU gives up, unless it is built without seccomp or the configuration says not to. */
export function sandboxOption({ env: { caps, config } }: EmitContext): Emission {
  if (config.seccompSandbox === false || caps.options.sandbox === undefined) return emits();
  return emits(
    keysOption('-sandbox', [
      [null, 'on'],
      ['obsolete', 'deny'],
      ['elevateprivileges', 'deny'],
      ['spawn', 'deny'],
      ['resourcecontrol', 'deny'],
    ]),
  );
}

/** `-msg`: QEMU's complaints carry the time. */
export function timestampOption(_cx: EmitContext): Emission {
  return emits(keysOption('-msg', [['timestamp', true]]));
}
