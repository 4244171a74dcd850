import {
  attribute,
  bigInteger,
  child,
  children,
  childText,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import { numberSet } from '../../shared/number-set.ts';
import { unit } from '../../shared/size.ts';

/** Format: "CPU Tuning". */

const period = childText(bigInteger());
const quota = childText(bigInteger({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));

const vcpupinSchema = element(() => ({
  vcpu: required(attribute(integer())),
  cpuset: required(attribute(numberSet)),
}));

const emulatorpinSchema = element(() => ({ cpuset: required(attribute(numberSet)) }));

const iothreadpinSchema = element(() => ({
  iothread: required(attribute(integer({ min: 1 }))),
  cpuset: required(attribute(numberSet)),
}));

const scheduling = {
  scheduler: required(attribute(oneOf('batch', 'idle', 'fifo', 'rr'))),
  priority: attribute(integer({ min: -(2 ** 31), max: 2 ** 31 - 1, samples: [1, 99] })),
} as const;

const vcpuschedSchema = element(() => ({ vcpus: required(attribute(numberSet)), ...scheduling }));
const iothreadschedSchema = element(() => ({ iothreads: required(attribute(numberSet)), ...scheduling }));
const emulatorschedSchema = element(() => scheduling);

const cacheSchema = element(() => ({
  id: required(attribute(integer())),
  level: required(attribute(integer())),
  type: required(attribute(oneOf('both', 'code', 'data'))),
  size: required(attribute(bigInteger())),
  unit: attribute(unit),
}));

const cachetuneSchema = element(() => ({
  vcpus: required(attribute(numberSet)),
  id: attribute(string({ nonEmpty: true })),
  cache: children(cacheSchema),
  monitor: children(
    element(() => ({ level: required(attribute(integer())), vcpus: required(attribute(numberSet)) })),
  ),
}));

const memorytuneSchema = element(() => ({
  vcpus: required(attribute(numberSet)),
  id: attribute(string({ nonEmpty: true })),
  node: children(
    element(() => ({ id: required(attribute(integer())), bandwidth: required(attribute(integer())) })),
  ),
  monitor: children(element(() => ({ level: attribute(integer()), vcpus: required(attribute(numberSet)) }))),
}));

export const cputuneSchema = element(() => ({
  shares: childText(bigInteger()),
  period,
  quota,
  global_period: period,
  global_quota: quota,
  emulator_period: period,
  emulator_quota: quota,
  iothread_period: period,
  iothread_quota: quota,
  vcpupin: children(vcpupinSchema),
  emulatorpin: child(emulatorpinSchema),
  iothreadpin: children(iothreadpinSchema),
  emulatorsched: child(emulatorschedSchema),
  vcpusched: children(vcpuschedSchema),
  iothreadsched: children(iothreadschedSchema),
  cachetune: children(cachetuneSchema),
  memorytune: children(memorytuneSchema),
}));

export type Cputune = Read<typeof cputuneSchema>;
export type Cache = Read<typeof cacheSchema>;
export type Cachetune = Read<typeof cachetuneSchema>;
export type Memorytune = Read<typeof memorytuneSchema>;
export type Vcpusched = Read<typeof vcpuschedSchema>;
export type Iothreadsched = Read<typeof iothreadschedSchema>;
export type Scheduling = Read<typeof emulatorschedSchema>;
