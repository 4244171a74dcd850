import { expect, test } from 'vitest';
import { isNetwork, parseIp } from '../../src/compile/shared/ip-address.ts';

test.each([
  ['192.168.0.1', 'ipv4', 0xc0a80001n],
  ['::', 'ipv6', 0n],
  ['::1', 'ipv6', 1n],
  ['fe80::', 'ipv6', 0xfe80n << 112n],
  ['1:2:3:4:5:6:7:8', 'ipv6', 0x00010002000300040005000600070008n],
  ['::ffff:1.2.3.4', 'ipv6', 0xffff01020304n],
])('%s is an address', (text, family, value) => {
  expect(parseIp(text)).toEqual({ family, value });
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  'foo',
  '1:2:3',
  '1::2::3',
  '1:2:3:4:5:6:7:8::',
  ':1',
  '12345::',
  '1.2.3.4::',
])("'%s' is none", (text) => {
  expect(parseIp(text)).toBeUndefined();
});

test('a network has no bits after its prefix', () => {
  const address = parseIp('10.20.0.0');
  expect(address && isNetwork(address, 16)).toBe(true);
  expect(address && isNetwork(address, 8)).toBe(false);
});
