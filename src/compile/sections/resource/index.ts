import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { child, childAttribute, childText, element, type Read, string } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';

/** Format: "Resource partitioning" and "Fibre Channel VMID". Both are the host's business. */

export const resourceErrors = defineErrors('resource', () => ({
  'relative-partition': {
    class: 'invalid',
    message: (p: { partition: string }) => `the partition '${p.partition}' does not begin with '/'`,
  },
  'missing-content': {
    class: 'invalid',
    message: () => "<resource> needs a <partition> or <fibrechannel> with an 'appid'",
  },
  'appid-not-set': {
    class: 'not-implemented',
    severity: 'warning',
    message: (p: { appid: string }) => `the fibre channel appid '${p.appid}' is not set`,
  },
}));

const resourceSchema = element(() => ({
  partition: childText(string({ nonEmpty: true, samples: ['/machine'] })),
  fibrechannel: childAttribute(
    'appid',
    string({
      pattern: /^[ -~]{1,128}$/,
      expected: 'at most 128 printable ASCII characters',
      samples: ['guest'],
    }),
  ),
}));

export const resource: SectionModule<Read<typeof resourceSchema> | undefined> = {
  field: child(resourceSchema),
  validate: (value, cx) => {
    if (value === undefined) return;
    const { partition, fibrechannel } = value;
    if ((partition ?? fibrechannel) === undefined)
      cx.report.add(resourceErrors['missing-content'], undefined, whereIs(value));
    if (partition !== undefined && !partition.startsWith('/'))
      cx.report.add(resourceErrors['relative-partition'], { partition }, whereIs(value, 'partition'));
    if (fibrechannel !== undefined)
      cx.report.add(
        resourceErrors['appid-not-set'],
        { appid: fibrechannel },
        whereIs(value, 'fibrechannel', '@appid'),
      );
  },
};
