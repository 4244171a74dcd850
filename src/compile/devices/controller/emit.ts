import { jsonOption, keysOption, type PropValue, type QemuOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { concatEmissions, type Emission, type EmitContext, emits, located } from '../../context.ts';
import { iothreadId } from '../../sections/iothreads/threads.ts';
import { changed } from '../../shared/changed.ts';
import { findController } from '../../shared/controllers.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { isQ35 } from '../../shared/machine.ts';
import { queueMappingProp } from '../../shared/queue-mapping.ts';
import { virtioDriver, virtioProps } from '../../shared/virtio-options.ts';
import { isVirtioScsi, scsiDriver, usbDriver } from './drivers.ts';
import type { Controller, ControllerOf } from './model.ts';

/** The order in which types of controllers stand on the command line; buses before what sits on them. */
const TYPE_ORDER: readonly Controller['type'][] = ['pci', 'usb', 'scsi', 'sata', 'virtio-serial', 'fdc'];

/** All controllers of a domain, and what the chipset's own are told by other means. */
export function emitControllers(cx: EmitContext): Emission {
  const byType = new Map<string, Emission[]>();
  for (const controller of cx.domain.devices.controller) {
    if (controller.type === 'ccid') continue;
    const emission = located(emit(controller, cx), whereIs(controller));
    const same = byType.get(controller.type);
    if (same === undefined) byType.set(controller.type, [emission]);
    else same.push(emission);
  }
  return concatEmissions([emitRootGlobals(cx), ...TYPE_ORDER.flatMap((type) => byType.get(type) ?? [])]);
}

/** Card readers: they can sit on a USB hub, which stands before them. */
export function emitCardReaders(cx: EmitContext): Emission {
  const readers = cx.domain.devices.controller.filter(({ type }) => type === 'ccid');
  return concatEmissions(readers.map((reader) => located(emit(reader, cx), whereIs(reader))));
}

type Of<T extends Controller['type']> = Placed<ControllerOf<T>>;

/** `-device` of a controller; those that are part of the machine have none. */
export function emit(controller: Placed<Controller>, cx: EmitContext): Emission {
  switch (controller.type) {
    case 'pci':
      return emits(device(controller, pciProps(controller), cx));
    case 'usb':
      return emits(device(controller, usbProps(controller, cx), cx));
    case 'scsi':
      return emits(device(controller, scsiProps(controller, cx), cx));
    case 'virtio-serial':
      return emits(
        device(
          controller,
          {
            driver: virtioDriver('virtio-serial', controller.model),
            ...virtioProps(controller.driver),
            id: controller.id,
            max_ports: controller.ports,
            vectors: controller.vectors,
          },
          cx,
        ),
      );
    case 'sata':
      return emits(
        isQ35(cx.domain) && controller.index === 0
          ? undefined
          : device(controller, { driver: 'ahci', id: controller.id }, cx),
      );
    case 'ccid':
      return emits(device(controller, { driver: 'usb-ccid', id: controller.id }, cx));
    default:
      return emits();
  }
}

type Entries = Record<string, PropValue | undefined>;

function device(
  controller: Placed<Controller>,
  own: Entries | undefined,
  cx: EmitContext,
): QemuOption | undefined {
  if (own === undefined) return undefined;
  return jsonOption('-device', changed(own, addressProps(controller, cx.domain)));
}

function pciProps({ id, model, modelName, target = {} }: Of<'pci'>): Entries | undefined {
  switch (model) {
    case undefined:
    case 'pci-root':
    case 'pcie-root':
      return undefined;
    case 'pci-bridge':
      return { driver: modelName, chassis_nr: target.chassisNr, id, 'mem-reserve': bytes(target.memReserve) };
    case 'pcie-root-port':
    case 'pcie-switch-downstream-port':
      return {
        driver: modelName,
        port: target.port,
        chassis: target.chassis,
        id,
        hotplug: target.hotplug,
        'mem-reserve': bytes(target.memReserve),
      };
    case 'pci-expander-bus':
    case 'pcie-expander-bus':
      return { driver: modelName, bus_nr: target.busNr, id, numa_node: target.node };
    default:
      return { driver: modelName, id };
  }
}

function bytes(sizeKiB: number | undefined): number | undefined {
  return sizeKiB === undefined ? undefined : sizeKiB * 1024;
}

function usbProps({ id, model, index, ports, master }: Of<'usb'>, cx: EmitContext): Entries | undefined {
  if (model === undefined || model === 'none') return undefined;
  const driver = usbDriver(model);
  if (master?.startport === undefined) return { driver, p2: ports, p3: ports, id };
  const masterId = findController(cx.domain, 'usb', index)?.id ?? 'usb';
  return { driver, masterbus: `${masterId}.0`, firstport: master.startport };
}

function scsiProps({ id, model = 'lsilogic', driver }: Of<'scsi'>, { env }: EmitContext): Entries {
  return {
    // libvirt's name for it is one that no QEMU has.
    driver: model === 'dc390' && env.profile.kind === 'libvirt' ? 'dc-390' : scsiDriver(model),
    ...(isVirtioScsi(model) && virtioProps(driver)),
    iothread: driver?.iothread === undefined ? undefined : iothreadId(driver.iothread),
    id,
    num_queues: driver?.queues,
    cmd_per_lun: driver?.cmd_per_lun,
    max_sectors: driver?.max_sectors,
    ioeventfd: driver?.ioeventfd,
    'iothread-vq-mapping': queueMappingProp(driver?.iothreads),
  };
}

/** Properties of the host bridge and of the chipset's power management, which only `-global` reaches. */
function emitRootGlobals({ domain }: EmitContext): Emission {
  const root = findController(domain, 'pci', 0);
  if (root?.type !== 'pci') return emits();
  const bridge = isQ35(domain) ? 'q35-pcihost' : 'i440FX-pcihost';
  const { pcihole64, target } = root;
  return emits(
    pcihole64 && global(`${bridge}.pci-hole64-size`, `${pcihole64.sizeKiB}K`),
    target?.hotplug === undefined ? undefined : global('PIIX4_PM.acpi-root-pci-hotplug', target.hotplug),
  );
}

function global(name: string, value: string | boolean): QemuOption {
  return keysOption('-global', [[name, value]]);
}
