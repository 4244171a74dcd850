import { hasType } from '../../../plan/index.ts';
import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { isCompanionModel } from '../../shared/controller-list.ts';
import { findController } from '../../shared/controllers.ts';
import type { Placed } from '../../shared/device-base.ts';
import { familyOf } from '../../shared/machine.ts';
import { refuseRepeated } from '../../shared/only-once.ts';
import { firstVirtioOption } from '../../shared/virtio-options.ts';
import { connect } from './connect.ts';
import { isVirtioScsi, scsiDriver, typeOfDriver, usbDriver } from './drivers.ts';
import { controllerErrors } from './errors.ts';
import type { Controller, ControllerOf } from './model.ts';
import { validateIothreads } from './validate-iothreads.ts';
import { validatePci } from './validate-pci.ts';

type Of<T extends Controller['type']> = Placed<ControllerOf<T>>;

/** The rules of one controller. */
export function validate(controller: Placed<Controller>, cx: ValidateContext): void {
  for (const name of ['model', 'target']) refuseRepeated(controller[SOURCE], name, cx);
  validateDriver(controller, cx);
  validateAddress(controller, cx);
  validateIndex(controller, cx);
  if (controller.type === 'pci') validatePci(controller, cx);
  if (controller.type === 'usb') validateUsb(controller, cx);
  if (controller.type === 'scsi') validateScsi(controller, cx);
  if (controller.type === 'ide') validateIde(controller, cx);
  if (controller.type === 'fdc' || controller.type === 'sata' || controller.type === 'ccid')
    refuseModel(controller, cx);
  if (controller.type === 'isa' || controller.type === 'xenbus')
    cx.report.add(
      controllerErrors['unsupported-type'],
      { type: controller.type },
      whereIs(controller, '@type'),
    );
}

function validateAddress(controller: Placed<Controller>, { domain, report }: ValidateContext): void {
  const { type, address } = controller;
  const bus = type === 'pci' ? 'pci' : connect(controller, domain)?.bus;
  if (address === undefined || bus === undefined || address.type === bus) return;
  report.add(
    controllerErrors['wrong-address'],
    { type, address: address.type },
    whereIs(controller, 'address', '@type'),
  );
}

/** The ICH9 companions share their master's index, and PCI controllers are looked at before they are placed. */
function validateIndex(controller: Placed<Controller>, { domain, report }: ValidateContext): void {
  const { type, index } = controller;
  if (type === 'pci' || (type === 'usb' && isCompanionModel(controller.model))) return;
  if (findController(domain, type, index) !== controller)
    report.add(controllerErrors['duplicate-index'], { type, index }, whereIs(controller, '@index'));
}

/** Options that only virtio controllers have, and of these only SCSI ones. */
function validateDriver(controller: Placed<Controller>, cx: ValidateContext): void {
  const { type, driver } = controller;
  if (driver === undefined) return;
  const model = 'model' in controller ? (controller.model ?? type) : type;
  const isScsi = type === 'scsi' && isVirtioScsi(controller.model);
  const { queues, cmd_per_lun, max_sectors, ioeventfd, iothread, iothreads } = driver;
  const scsiOptions = { iothread, iothreads, queues, cmd_per_lun, max_sectors, ioeventfd };
  const [option] = Object.entries(scsiOptions).find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined && !isScsi)
    cx.report.add(controllerErrors['driver-option'], { option, type, model }, whereIs(driver, `@${option}`));
  if (isScsi) validateIothreads(driver, cx);
  const virtioOption = firstVirtioOption(driver);
  if (virtioOption !== undefined && !isScsi && type !== 'virtio-serial')
    cx.report.add(
      controllerErrors['virtio-option'],
      { option: virtioOption, type, model },
      whereIs(driver, `@${virtioOption}`),
    );
}

function validateScsi(controller: Of<'scsi'>, cx: ValidateContext): void {
  const { type, model = 'lsilogic' } = controller;
  const driver = scsiDriver(model);
  const where = whereIs(controller, '@model');
  if (driver === undefined) cx.report.add(controllerErrors['unsupported-model'], { type, model }, where);
  else if (!hasType(cx.env.caps, typeOfDriver(driver)))
    cx.report.add(controllerErrors['model-unavailable'], { type, model }, where);
}

function refuseModel(controller: Of<'fdc' | 'sata' | 'ccid'>, { report }: ValidateContext): void {
  const { type, model } = controller;
  if (model !== undefined)
    report.add(controllerErrors['unsupported-model'], { type, model }, whereIs(controller, '@model'));
}

const XHCI_MOST_PORTS = 15;

function validateUsb(controller: Of<'usb'>, cx: ValidateContext): void {
  const { type, model, ports, master, index } = controller;
  const { report, domain } = cx;
  if (model === undefined) return;
  const where = whereIs(controller, '@model');
  const driver = usbDriver(model);
  if (model === 'none') {
    if (domain.devices.controller.some((other) => other !== controller && other.type === 'usb'))
      report.add(controllerErrors['usb-disabled'], undefined, whereIs(controller));
    return;
  }
  if (driver === undefined) report.add(controllerErrors['unsupported-model'], { type, model }, where);
  else if (!hasType(cx.env.caps, typeOfDriver(driver)))
    report.add(controllerErrors['model-unavailable'], { type, model }, where);
  if (master !== undefined && findController(domain, 'usb', index)?.master !== undefined)
    report.add(
      controllerErrors[hasMaster(domain) ? 'master-elsewhere' : 'no-master'],
      { model, index },
      where,
    );
  if (ports === undefined) return;
  const atPorts = whereIs(controller, '@ports');
  if (model !== 'nec-xhci' && model !== 'qemu-xhci')
    report.add(controllerErrors['ports-not-settable'], { model }, atPorts);
  else if (ports > XHCI_MOST_PORTS)
    report.add(controllerErrors['too-many-ports'], { model, ports, most: XHCI_MOST_PORTS }, atPorts);
}

function hasMaster({ devices }: ValidateContext['domain']): boolean {
  return devices.controller.some((other) => other.type === 'usb' && other.master === undefined);
}

function validateIde(controller: Of<'ide'>, cx: ValidateContext): void {
  const { index } = controller;
  const family = familyOf(cx.domain);
  if (family !== 'i440fx' && family !== 'isapc')
    cx.report.add(controllerErrors['no-ide'], undefined, whereIs(controller, '@type'));
  else if (index > 0) cx.report.add(controllerErrors['single-ide'], { index }, whereIs(controller, '@index'));
}
