import { attribute, element, integer, oneOf, required, string, unless } from '../../xml/schema/index.ts';

const name = string({ nonEmpty: true });
const family = oneOf('ipv4', 'ipv6');

/** An address and a route of an interface (format: "IP configuration"). */
export const ipSchema = element(() => ({
  address: required(attribute(name)),
  family: attribute(family),
  prefix: unless(0, attribute(integer({ max: 128 }))),
  peer: attribute(name),
}));

export const routeSchema = element(() => ({
  family: attribute(family),
  address: required(attribute(name)),
  netmask: attribute(name),
  prefix: attribute(integer({ max: 128 })),
  gateway: required(attribute(name)),
  metric: attribute(integer({ min: 1 })),
}));
