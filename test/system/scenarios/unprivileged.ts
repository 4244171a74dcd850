/** What a user without privileges gets: prints the outcome of each try. */

import { QdomError } from '../../../src/errors/index.ts';
import { realHost } from '../../../src/host/real.ts';
import {
  defineMachine,
  destroyMachine,
  findDirectories,
  lastEnd,
  listMachines,
  machineStatus,
  startMachine,
} from '../../../src/machine/index.ts';
import { createMachines } from '../../helpers/machines.ts';

const told = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof QdomError ? (error.primary?.message ?? '') : String(error)),
  );

const machines = createMachines();
const { cx } = machines;
const system = {
  directories: findDirectories({ uid: 0, home: '/', env: {} }),
  host: realHost(),
  reapCommand: [],
};
try {
  await startMachine(cx, machines.plan('g'));
  const running = await machineStatus(cx, 'g');
  await destroyMachine(cx, 'g');
  const tap = {
    ...({ type: 'tap', device: 'net0', fds: ['a'], vhostFds: [], name: 'vnet%d' } as const),
    ...{ mac: '52:54:00:00:00:01', linkUp: true },
  };
  const outcome = {
    uid: process.getuid?.(),
    state: running.state,
    end: lastEnd(cx, 'g')?.reason,
    tap: await told(startMachine(cx, machines.plan('t', { host: [tap] }))),
    left: await listMachines(cx),
    systemDefine: await told(defineMachine(system, { name: 'x', uuid: 'u', domainXml: '<domain/>' })),
  };
  process.stdout.write(JSON.stringify(outcome));
} finally {
  await machines.end();
}
