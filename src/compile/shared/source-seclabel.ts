import { attribute, childText, element, type Read, string, yesNo } from '../../xml/schema/index.ts';

/** A label for one path only (format: "Security label"): inside a disk's or a character device's `<source>`. */
export const sourceSeclabelSchema = element({
  model: attribute(string({ nonEmpty: true, samples: ['selinux', 'dac'] })),
  relabel: attribute(yesNo),
  labelskip: attribute(yesNo),
  label: childText(string()),
});

export type SourceSeclabel = Read<typeof sourceSeclabelSchema>;
