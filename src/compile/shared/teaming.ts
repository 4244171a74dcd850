import { attribute, element, oneOf, string } from '../../xml/schema/index.ts';

/** A virtio NIC and an assigned one that the guest bonds (format: "Teaming a virtio/hostdev NIC pair"). */
export const teamingSchema = element(() => ({
  type: attribute(oneOf('persistent', 'transient')),
  persistent: attribute(string({ nonEmpty: true, samples: ['ua-backup0'] })),
}));
