import { hasType, schemaHas } from '../../../plan/index.ts';
import { SOURCE, type Where, whereIs, xmlErrors } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { hasSharedMemory } from '../../shared/shared-memory.ts';
import { isVirtioModel } from '../../shared/virtio-options.ts';
import { interfaceErrors } from './errors.ts';
import { FOREIGN_TYPES, type Interface, modelOf, NIC_MODELS } from './model.ts';
import type { InterfaceOf } from './schema.ts';
import { validateAddresses } from './validate-addresses.ts';
import { validateLink } from './validate-link.ts';
import { validateVirtualPort } from './virtualport.ts';

/** The rules of one NIC; what a family of its elements may say is in `validate-link` and `validate-addresses`. */
export function validateInterface(nic: Interface, cx: ValidateContext): void {
  if (FOREIGN_TYPES.has(nic.type)) {
    cx.report.add(interfaceErrors['foreign-type'], { type: nic.type }, whereIs(nic, '@type'));
    return;
  }
  validateSource(nic, cx);
  validateMac(nic, cx);
  validateModel(nic, cx);
  validateVirtualPort(nic, cx);
  validateDriver(nic, cx);
  validateTeaming(nic, cx);
  validatePasst(nic, cx);
  validateAddresses(nic, cx);
  validateLink(nic, cx);
}

const NEEDED = {
  network: ['network'],
  bridge: ['bridge'],
  direct: ['dev'],
  vdpa: ['dev'],
  mcast: ['address', 'port'],
  server: ['port'],
  client: ['address', 'port'],
  udp: ['address', 'port'],
} as const;

function validateSource(nic: Interface, cx: ValidateContext): void {
  if (nic.type === 'vhostuser') validateVhostUser(nic, cx);
  if (nic.type === 'hostdev') validateAssigned(nic, cx);
  if (!(nic.type in NEEDED)) return;
  const needed: readonly string[] = NEEDED[nic.type as keyof typeof NEEDED];
  if (nic[SOURCE]?.child('source') === undefined) {
    cx.report.add(xmlErrors['missing-element'], { name: 'source', parent: 'interface' }, whereIs(nic));
    return;
  }
  const source = (nic as { readonly source?: object }).source ?? {};
  requireAttributes('source', source, needed, cx, whereIs(nic, 'source'));
  if (nic.type !== 'udp') return;
  const local = nic.source?.local;
  if (local === undefined)
    cx.report.add(xmlErrors['missing-element'], { name: 'local', parent: 'source' }, whereIs(nic, 'source'));
  else requireAttributes('local', local, ['address', 'port'], cx, whereIs(local));
}

function requireAttributes(
  element: string,
  value: object,
  names: readonly string[],
  cx: ValidateContext,
  where: Where,
): void {
  for (const name of names)
    if (!(name in value)) cx.report.add(xmlErrors['missing-attribute'], { name, element }, where);
}

function validateAssigned(nic: InterfaceOf<'hostdev'>, cx: ValidateContext): void {
  const place = nic.address?.type;
  if (place !== undefined && place !== 'pci' && place !== 'unassigned')
    cx.report.add(interfaceErrors['assigned-address'], { type: place }, whereIs(nic, 'address', '@type'));
  const address = nic.source?.address;
  if (address?.type === 'pci') return;
  const what = address === undefined ? 'address' : `address type='${address.type}'`;
  cx.report.add(interfaceErrors['assigned-not-pci'], { what }, whereIs(nic, 'source', 'address'));
}

function validateVhostUser(nic: InterfaceOf<'vhostuser'> & Interface, cx: ValidateContext): void {
  const model = modelOf(nic);
  if (!isVirtioModel(model))
    cx.report.add(
      interfaceErrors['vhost-user-model'],
      { type: nic.type, model },
      whereIs(nic, 'model', '@type'),
    );
  if (!hasSharedMemory(cx.domain))
    cx.report.add(interfaceErrors['needs-shared-memory'], undefined, whereIs(nic, '@type'));
  if (nic.backend?.type === 'passt') return;
  const { path, mode, reconnect } = nic.source ?? {};
  if (path === undefined)
    cx.report.add(
      xmlErrors['missing-attribute'],
      { name: 'path', element: 'source' },
      whereIs(nic, 'source'),
    );
  if (reconnect !== undefined && mode === 'server')
    cx.report.add(interfaceErrors['reconnect-of-server'], { mode }, whereIs(reconnect));
  if (reconnect?.enabled === true && reconnect.timeout === undefined)
    cx.report.add(
      xmlErrors['missing-attribute'],
      { name: 'timeout', element: 'reconnect' },
      whereIs(reconnect),
    );
}

/** QEMU itself refuses what it does not have; the name may be one of a QEMU that the domain is meant for. */
function validateModel(nic: Interface, cx: ValidateContext): void {
  const model = modelOf(nic);
  if (nic.type === 'vdpa' && !isVirtioModel(model))
    cx.report.add(
      interfaceErrors['model-of-type'],
      { type: nic.type, model },
      whereIs(nic, 'model', '@type'),
    );
  if (model === '' || isVirtioModel(model) || hasType(cx.env.caps, model)) return;
  const known = NIC_MODELS.filter((name) => isVirtioModel(name) || hasType(cx.env.caps, name));
  cx.report.add(interfaceErrors['unknown-model'], { model, known }, whereIs(nic, 'model', '@type'));
}

/** The lowest bit of the first byte says that an address is a group's (IEEE 802). */
function validateMac(nic: Interface, cx: ValidateContext): void {
  const { address } = nic.mac;
  if ((Number.parseInt(address.slice(0, 2), 16) & 1) === 1)
    cx.report.add(interfaceErrors['multicast-mac'], { mac: address }, whereIs(nic, 'mac', '@address'));
}

function validateDriver(nic: Interface, cx: ValidateContext): void {
  if (nic.type === 'hostdev') return;
  for (const name of ['rx_queue_size', 'tx_queue_size'] as const) {
    const size = nic.driver?.[name] ?? 0;
    if ((size & (size - 1)) !== 0)
      cx.report.add(interfaceErrors['queue-size'], { name, size }, whereIs(nic.driver, `@${name}`));
  }
  const { kind } = nic.attachment;
  const queues = nic.driver?.queues ?? 1;
  if (queues > 1 && (kind === 'user' || kind === 'socket'))
    cx.report.add(
      interfaceErrors['queues-of-type'],
      { type: nic.type, queues },
      whereIs(nic.driver, '@queues'),
    );
}

function validateTeaming(nic: Interface, cx: ValidateContext): void {
  const { teaming } = nic;
  if (teaming === undefined) return;
  const where = whereIs(teaming, '@type');
  if (teaming.type === 'persistent' && !isVirtioModel(modelOf(nic)))
    cx.report.add(interfaceErrors['teaming-model'], { model: modelOf(nic) }, where);
  const { persistent } = teaming;
  if (teaming.type === 'persistent' && persistent !== undefined)
    cx.report.add(interfaceErrors['teaming-persistent'], { persistent }, whereIs(teaming, '@persistent'));
  if (teaming.type !== 'transient') return;
  if (teaming.persistent === undefined)
    cx.report.add(xmlErrors['missing-attribute'], { name: 'persistent', element: 'teaming' }, where);
  if (nic.type !== 'hostdev' && nic.type !== 'network')
    cx.report.add(interfaceErrors['teaming-transient'], { type: nic.type }, where);
}

function validatePasst(nic: Interface, cx: ValidateContext): void {
  const isPossible = nic.type === 'user' || nic.type === 'vhostuser';
  const isPasst = nic.backend?.type === 'passt';
  if (isPasst && !isPossible)
    cx.report.add(interfaceErrors['passt-type'], { type: nic.type }, whereIs(nic.backend, '@type'));
  if (isPasst && !schemaHas(cx.env.caps, 'netdev_add', 'type', '=stream'))
    cx.report.add(interfaceErrors['passt-unavailable'], undefined, whereIs(nic.backend, '@type'));
  if (nic.portForward.length > 0 && !(isPasst && isPossible))
    cx.report.add(
      interfaceErrors['port-forward-without-passt'],
      { backend: nic.backend?.type ?? 'default', type: nic.type },
      whereIs(nic.portForward[0]),
    );
}
