import { hasProperty } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { refuseEmpty } from '../../sections/numatune/validate.ts';
import type { Placed } from '../../shared/device-base.ts';
import { memoryDeviceErrors as errors } from './errors.ts';
import { hasPath, isModule, type MemoryDevice } from './model.ts';

/** A transparent hugepage of x86. */
const SMALLEST_BLOCK_KIB = 2048;
const SMALLEST_LABEL_KIB = 128;

export function validateMemoryDevice(device: Placed<MemoryDevice>, cx: ValidateContext): void {
  const { model } = device;
  if (model !== 'sgx-epc' && cx.domain.maxMemory === undefined)
    cx.report.add(errors['no-max-memory'], { model }, whereIs(device));
  const nodemask = device.source?.nodemask;
  if (nodemask !== undefined && device.source !== undefined)
    refuseEmpty(device.source, 'nodemask', nodemask, cx);
  checkAddress(device, cx);
  checkNode(device, cx);
  if (hasPath(device)) checkPersistent(device, cx);
  if (model === 'virtio-mem') checkBlocks(device, cx);
  if (
    device.target.dynamicMemslots !== undefined &&
    !hasProperty(cx.env.caps, 'virtio-mem-pci', 'dynamic-memslots')
  )
    cx.report.add(errors['no-dynamic-memslots'], undefined, whereIs(device.target, '@dynamicMemslots'));
}

function checkAddress(device: MemoryDevice, cx: ValidateContext): void {
  const { address, model } = device;
  const { maxMemory } = cx.domain;
  const { slots = 0 } = maxMemory ?? {};
  const { slot = 0 } = address?.type === 'dimm' ? address : {};
  if (maxMemory !== undefined && isModule(device) && slot >= slots)
    cx.report.add(errors['no-free-slot'], { slot, slots }, whereIs(device, 'address', '@slot'));
  const wanted = model === 'sgx-epc' ? 'none' : 'pci';
  if (!isModule(device) && address !== undefined && address.type !== wanted)
    cx.report.add(errors['wrong-address'], { model, type: address.type, wanted }, whereIs(device, 'address'));
}

function checkNode({ model, target, ...device }: MemoryDevice, cx: ValidateContext): void {
  const cells = (cx.domain.cpu.numa?.cell ?? []).length;
  const { node } = target;
  const where = whereIs(target, 'node');
  if (model === 'virtio-pmem' && node !== undefined) cx.report.add(errors['no-numa-node'], { model }, where);
  else if (model !== 'virtio-pmem' && model !== 'sgx-epc' && node === undefined)
    cx.report.add(errors['missing-node'], { model }, whereIs(device));
  else if (node !== undefined && node >= Math.max(cells, 1))
    cx.report.add(errors['node-without-cell'], { node, cells }, where);
}

function checkPersistent(device: MemoryDevice, cx: ValidateContext): void {
  const { model, source, target } = device;
  if (device.discard !== undefined && (model === 'nvdimm' || device.discard))
    cx.report.add(errors['no-discard'], { model }, whereIs(device, '@discard'));
  if (source?.path === undefined) cx.report.add(errors['missing-path'], { model }, whereIs(device, 'source'));
  if (model === 'virtio-pmem' && device.access !== 'shared')
    cx.report.add(
      errors['access-must-be-shared'],
      { access: device.access ?? 'private' },
      whereIs(device, '@access'),
    );
  if (model !== 'nvdimm') return;
  if (device.uuid !== undefined)
    cx.report.add(errors['no-uuid'], { uuid: device.uuid }, whereIs(device, 'uuid'));
  const labelKiB = target.label?.size.sizeKiB;
  if (labelKiB === undefined) return;
  if (labelKiB < SMALLEST_LABEL_KIB)
    cx.report.add(errors['small-label'], { sizeKiB: labelKiB }, whereIs(target, 'label'));
  if (labelKiB >= target.size.sizeKiB)
    cx.report.add(errors['large-label'], { sizeKiB: labelKiB }, whereIs(target, 'label'));
}

/** The guest plugs and unplugs whole blocks (virtio specification: memory device). */
function checkBlocks({ target }: MemoryDevice, cx: ValidateContext): void {
  const blockKiB = target.block?.sizeKiB ?? 0;
  const requestedKiB = target.requested?.sizeKiB ?? 0;
  const sizeKiB = target.size.sizeKiB;
  const where = whereIs(target, 'block');
  if (blockKiB === 0 || !Number.isInteger(Math.log2(blockKiB)))
    cx.report.add(errors['block-not-a-power-of-two'], { sizeKiB: blockKiB }, where);
  else if (blockKiB < SMALLEST_BLOCK_KIB) cx.report.add(errors['small-block'], { sizeKiB: blockKiB }, where);
  else if (requestedKiB % blockKiB !== 0)
    cx.report.add(
      errors['requested-not-in-blocks'],
      { requestedKiB, blockKiB },
      whereIs(target, 'requested'),
    );
  else if (target.address !== undefined && target.address % BigInt(blockKiB * 1024) !== 0n)
    cx.report.add(
      errors['address-not-in-blocks'],
      { base: `0x${target.address.toString(16)}` },
      whereIs(target, 'address'),
    );
  if (requestedKiB > sizeKiB)
    cx.report.add(errors['requested-too-much'], { requestedKiB, sizeKiB }, whereIs(target, 'requested'));
}
