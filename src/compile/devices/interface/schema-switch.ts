import {
  attribute,
  child,
  children,
  element,
  integer,
  oneOf,
  required,
  string,
  unless,
  uuid,
  yesNo,
} from '../../../xml/schema/index.ts';

/** Kilobytes a second; burst in kilobytes (format: network "Quality of service"). */
const rates = element(() => ({
  average: attribute(integer()),
  peak: unless(0, attribute(integer())),
  floor: unless(0, attribute(integer())),
  burst: unless(0, attribute(integer())),
}));

export const bandwidth = element(() => ({
  classID: attribute(integer({ min: 1 })),
  inbound: child(rates),
  outbound: child(rates),
}));

export const vlan = element(() => ({
  trunk: attribute(yesNo),
  tag: children(
    element(() => ({
      id: required(attribute(integer({ max: 4095 }))),
      nativeMode: attribute(oneOf('tagged', 'untagged')),
    })),
  ),
}));

/** The port profile; parameters print in libvirt's order. */
export const virtualport = element(() => ({
  type: attribute(oneOf('802.1Qbg', '802.1Qbh', 'openvswitch', 'midonet')),
  parameters: child(
    element(() => ({
      managerid: attribute(integer({ max: 255 })),
      typeid: attribute(integer({ max: 2 ** 24 - 1 })),
      typeidversion: attribute(integer({ max: 255 })),
      instanceid: attribute(uuid),
      interfaceid: attribute(uuid),
      profileid: attribute(string({ samples: ['profile'] })),
    })),
  ),
}));
