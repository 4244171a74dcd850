import { defineErrors } from '../../errors/index.ts';
import {
  attribute,
  childText,
  type ElementSchema,
  element,
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
export const sourceSeclabelSchema: ElementSchema<SourceSeclabel> = {
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

/** Those that say something: no label and no word on relabelling is as good as none. */
export function sayingSeclabels(seclabels: readonly SourceSeclabel[]): readonly SourceSeclabel[] {
  return seclabels.filter(({ relabel }) => relabel !== undefined);
}
