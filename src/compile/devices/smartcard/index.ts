import { jsonOption, type PropValue } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  childText,
  childTexts,
  element,
  type Read,
  required,
  string,
  variants,
} from '../../../xml/schema/index.ts';
import { concatEmissions, type EmitContext, emits, type ResolveContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import {
  type Chardev,
  chardevFields,
  chardevId,
  chardevType,
  emitChardev,
  resolveChardev,
  validateChardev,
} from '../../shared/chardev/index.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { smartcardErrors } from './errors.ts';

const info = { alias: deviceInfo.alias, acpi: deviceInfo.acpi, address: deviceInfo.address };
const path = string({ nonEmpty: true });

/** The grammar shares it with serial ports; a card has none. */
const targetSchema = element(() => ({
  type: attribute(string()),
  port: attribute(string()),
  model: child(element(() => ({ name: attribute(string()) }))),
}));

const smartcardSchema = variants('mode', {
  host: () => info,
  'host-certificates': () => ({
    certificate: childTexts(path),
    database: childText(
      string({ pattern: /^\//, expected: 'an absolute path', samples: ['/etc/pki/nssdb'] }),
    ),
    ...info,
  }),
  passthrough: () => ({
    type: required(attribute(chardevType)),
    ...chardevFields,
    target: child(targetSchema),
    ...info,
  }),
});

type SmartcardXml = Read<typeof smartcardSchema>;
type Smartcard = Exclude<SmartcardXml, { mode: 'passthrough' }> | PassthroughCard;
type PassthroughXml = Extract<SmartcardXml, { mode: 'passthrough' }>;
type PassthroughCard = PassthroughXml & Chardev;

/** Where NSS keeps its certificates if the domain does not say. */
const NSS_DATABASE = '/etc/pki/nssdb';
const CERTIFICATES = 3;

/** A card in the reader of a CCID controller (format: "Smartcard devices"). */
export const smartcard: DeviceModule<SmartcardXml, Smartcard> = {
  kind: 'smartcard',
  schema: smartcardSchema,
  resolve: (xml, cx) => (xml.mode === 'passthrough' ? resolvePassthrough(xml, cx) : xml),
  connect: () => ({ bus: 'ccid' }),
  validate: (card, cx) => {
    if (cx.domain.devices.smartcard.indexOf(card as never) > 0)
      cx.report.add(smartcardErrors['more-than-one'], undefined, whereIs(card));
    if (card.mode === 'passthrough') validateChardev(card, cx, { carriesSpice: true });
    if (card.mode === 'host-certificates' && card.certificate.length !== CERTIFICATES)
      cx.report.add(smartcardErrors['certificate-count'], { count: card.certificate.length }, whereIs(card));
  },
  emit: (card, cx) =>
    card.mode === 'passthrough'
      ? concatEmissions([
          emitChardev(card, { device: card.id, spiceName: 'smartcard' }, cx),
          emits(device(card, { driver: 'ccid-card-passthru', chardev: chardevId(card.id) }, cx)),
        ])
      : emits(device(card, { driver: 'ccid-card-emulated', ...backend(card) }, cx)),
};

function resolvePassthrough(xml: PassthroughXml, cx: ResolveContext): PassthroughCard {
  const { target, ...card } = xml;
  if (target !== undefined)
    cx.report.add(smartcardErrors['target-ignored'], { element: 'target' }, whereIs(target));
  return resolveChardev(card, cx);
}

function backend(card: Exclude<SmartcardXml, { mode: 'passthrough' }>): Record<string, PropValue> {
  if (card.mode === 'host') return { backend: 'nss-emulated' };
  const certificates = card.certificate.map((name, i) => [`cert${i + 1}`, name] as const);
  return {
    backend: 'certificates',
    ...Object.fromEntries(certificates),
    db: card.database ?? NSS_DATABASE,
  };
}

function device(card: Placed<Smartcard>, own: Record<string, PropValue>, cx: EmitContext) {
  return jsonOption('-device', { ...own, id: card.id, ...addressProps(card, cx.domain) });
}
