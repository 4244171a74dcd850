import type { Chardev } from '../../shared/chardev/index.ts';
import type { SerialTarget, SerialXml } from './schema.ts';

export type SerialTargetType = NonNullable<SerialTarget['type']>;
export type SerialModel = NonNullable<SerialTarget['model']>;

/** A serial port with its guest side complete. */
export type Serial = SerialXml &
  Chardev & {
    readonly target: SerialTarget & { readonly type: SerialTargetType; readonly port: number };
  };

interface TargetRule {
  /** The first is the default. `system-serial` has none: which it is depends on the machine. */
  readonly models: readonly SerialModel[];
  readonly address?: 'isa' | 'usb' | 'pci';
  /** Machines of other architectures only. */
  readonly foreign?: true;
}

/** What QEMU's x86 machines have for each target type, and what of other machines is known by name. */
export const TARGETS: { readonly [T in SerialTargetType]: TargetRule } = {
  'isa-serial': { models: ['isa-serial'], address: 'isa' },
  'usb-serial': { models: ['usb-serial'], address: 'usb' },
  'pci-serial': { models: ['pci-serial'], address: 'pci' },
  'isa-debug': { models: ['isa-debugcon'], address: 'isa' },
  'spapr-vio-serial': { models: ['spapr-vty'], foreign: true },
  'system-serial': { models: ['pl011', '16550a'], foreign: true },
  'sclp-serial': { models: ['sclpconsole', 'sclplmconsole'], foreign: true },
};

/** What the guest sees: an ISA port unless said otherwise. */
export function targetType({ target }: SerialXml): SerialTargetType {
  return target?.type ?? 'isa-serial';
}

/** The target type that a model belongs to. */
export function targetOf(model: SerialModel): SerialTargetType | undefined {
  return (Object.keys(TARGETS) as SerialTargetType[]).find((type) => TARGETS[type].models.includes(model));
}
