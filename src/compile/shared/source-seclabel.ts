import { defineErrors } from '../../errors/index.ts';
import { whereIs } from '../../xml/index.ts';
import {
  attribute,
  children,
  childText,
  type ElementSchema,
  element,
  type Field,
  type Read,
  string,
  yesNo,
} from '../../xml/schema/index.ts';

export const sourceSeclabelErrors = defineErrors('seclabel', () => ({
  'label-not-given': {
    class: 'invalid',
    message: (p: { label: string }) =>
      `the label '${p.label}' of this path is not given to it: relabel='no' turns that off`,
  },
  'model-twice': {
    class: 'invalid',
    message: (p: { model: string }) => `a path has one label of the model '${p.model}', not two`,
  },
  'relabel-without-label': {
    class: 'invalid',
    message: (p: { model: string }) =>
      `relabel='yes' of the model '${p.model}' needs the <label> that this path is to have`,
  },
}));

const written = element(() => ({
  model: attribute(string({ nonEmpty: true, samples: ['selinux', 'dac'] })),
  relabel: attribute(yesNo),
  labelskip: attribute(yesNo),
  label: childText(string({ samples: ['107:107'] })),
}));

export type SourceSeclabel = Omit<Read<typeof written>, 'labelskip'>;

/**
 * A label for one path only (format: "Security label"): inside a disk's or a character device's `<source>`. A label is
 * given unless `relabel` says no; `labelskip` tells of a running domain that there was none to give.
 */
const sourceSeclabelSchema: ElementSchema<SourceSeclabel> = {
  ...written,
  read: (xml, reader) => {
    const { labelskip: _, ...seclabel } = written.read(xml, reader);
    const { label, relabel, model = '' } = seclabel;
    if (label !== undefined && relabel === false)
      reader.report(sourceSeclabelErrors['label-not-given'], { label }, xml.where('relabel'));
    if (label === undefined && relabel === true)
      reader.report(sourceSeclabelErrors['relabel-without-label'], { model }, xml.where('relabel'));
    return label === undefined ? seclabel : { ...seclabel, relabel: relabel ?? true };
  },
};

const each = children(sourceSeclabelSchema);

/** The labels of a `<source>`, one for each model. */
export const sourceSeclabels: Field<readonly SourceSeclabel[]> = {
  ...each,
  read: (element, key, reader) => {
    const labels = each.read(element, key, reader);
    for (const [i, label] of labels.entries()) {
      const { model } = label;
      if (model !== undefined && labels.findIndex((other) => other.model === model) < i)
        reader.report(sourceSeclabelErrors['model-twice'], { model }, whereIs(label, '@model'));
    }
    return labels;
  },
};

/** Those that say something: no label and no word on relabelling is as good as none. */
export function sayingSeclabels(seclabels: readonly SourceSeclabel[]): readonly SourceSeclabel[] {
  return seclabels.filter(({ relabel }) => relabel !== undefined);
}
