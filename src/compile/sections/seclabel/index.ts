import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  children,
  childText,
  element,
  oneOf,
  type Read,
  string,
  yesNo,
} from '../../../xml/schema/index.ts';
import type { ResolveContext, ValidateContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { readDacLabel } from '../../shared/dac-label.ts';

/** Format: "Security label". */

export const seclabelErrors = defineErrors('seclabel', () => ({
  'repeated-model': {
    class: 'invalid',
    message: (p: { model: string }) => `the security model '${p.model}' has more than one label`,
  },
  'missing-model': {
    class: 'invalid',
    message: () => 'the security label has no model',
  },
  'missing-label': {
    class: 'invalid',
    message: (p: { model: string }) => `the static security label of model '${p.model}' needs a <label>`,
  },
  'dynamic-without-relabel': {
    class: 'invalid',
    message: () => "relabel='no' cannot be combined with type='dynamic'",
  },
  'none-with-relabel': {
    class: 'invalid',
    message: () => "relabel='yes' cannot be combined with type='none'",
  },
  'bad-dac-label': {
    class: 'invalid',
    message: (p: { label: string }) => `the label '${p.label}' of the model 'dac' names no user and group`,
    hint: () => "write names or numbers: 'qemu:kvm', '+107:+107'",
  },
  'not-applied': {
    class: 'not-implemented',
    severity: 'warning',
    message: (p: { model: string }) => `labels of the security model '${p.model}' are not applied`,
    hint: () => 'QEMU runs with the label of whoever starts it',
  },
}));

const seclabelSchema = element(() => ({
  type: attribute(oneOf('dynamic', 'static', 'none')),
  model: attribute(string({ samples: ['selinux', 'dac'] })),
  relabel: attribute(yesNo),
  label: childText(string()),
  imagelabel: childText(string()),
  baselabel: childText(string()),
}));
type SecurityLabel = Read<typeof seclabelSchema>;

export const seclabel: SectionModule<readonly SecurityLabel[]> = {
  field: children(seclabelSchema),
  resolve: (labels, cx) => {
    for (const label of labels) {
      if (
        label.model === undefined &&
        (labels.length > 1 || label.type === undefined || label.type === 'static')
      )
        cx.report.add(seclabelErrors['missing-model'], undefined, whereIs(label));
      if (label.type === 'none' && label.relabel)
        cx.report.add(seclabelErrors['none-with-relabel'], undefined, whereIs(label, '@relabel'));
    }
    // A label without a type says nothing: it is the security driver's own choice.
    return labels.filter(({ type }) => type !== undefined).map((label) => resolveLabel(label, cx));
  },
  validate: validateLabels,
};

/** The label without what is output only; one that no security driver of the host answers for is `none`. */
function resolveLabel(label: SecurityLabel, cx: ResolveContext): SecurityLabel {
  const { imagelabel: _, ...rest } = label;
  const hostModel = cx.env.facts.security.model;
  const { type } = label;
  const model = label.model ?? hostModel;
  if (model === 'none' || type === 'none') return without(rest, { type: 'none', model });
  const relabel = label.relabel ?? type === 'dynamic';
  if (type === 'static') return { ...rest, type, model, relabel };
  const { label: _own, ...dynamic } = rest;
  return { ...dynamic, type, model, relabel };
}

function without(label: SecurityLabel, value: { type: 'none'; model: string }): SecurityLabel {
  const { relabel: _r, label: _l, baselabel: _b, ...rest } = label;
  return { ...rest, ...value };
}

function validateLabels(labels: readonly SecurityLabel[], cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const label of labels) {
    const { model = 'none', type } = label;
    if (seen.has(model)) cx.report.add(seclabelErrors['repeated-model'], { model }, whereIs(label, '@model'));
    seen.add(model);
    if (type === 'none') continue;
    if (type === 'static' && label.label === undefined)
      cx.report.add(seclabelErrors['missing-label'], { model }, whereIs(label));
    if (type === 'dynamic' && label.relabel === false)
      cx.report.add(seclabelErrors['dynamic-without-relabel'], undefined, whereIs(label, '@relabel'));
    if (model !== 'dac') cx.report.add(seclabelErrors['not-applied'], { model }, whereIs(label));
    else if (type === 'static' && label.label !== undefined && readDacLabel(label.label) === undefined)
      cx.report.add(seclabelErrors['bad-dac-label'], { label: label.label }, whereIs(label, 'label'));
  }
}
