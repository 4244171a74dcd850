import { fail } from '../../errors/index.ts';

import {
  type MachineContext,
  type Reaped,
  reapAll,
  reapMachine,
  tellLostRecord,
} from '../../machine/index.ts';
import { reapMdevs } from '../../machine/mdevs/index.ts';
import { reapNetworks } from '../../machine/networks/index.ts';
import type { CommandModule } from '../command.ts';
import { cliErrors } from '../errors.ts';
import { machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, [name], options) => {
  const machines = machinesOf(cx);
  if ((name === undefined) !== (options.all === true)) throw fail(cliErrors['name-or-all'], undefined);
  const reaped = name === undefined ? await reapAll(machines) : await reapOne(machines, name);
  const networks = name === undefined ? await reapNetworks(machines) : [];
  const mdevs = name === undefined ? await reapMdevs(machines) : [];
  const ended = reaped.filter((r) => r.error === undefined);
  for (const one of ended) await cx.tell(tellLostRecord(one.name, one.end));
  cx.answer(
    ended.map(({ name: machine, end }) => ({ name: machine, ...end })),
    () =>
      [
        ...ended.map((r) => `Domain '${r.name}' ended: ${r.end?.reason ?? 'its start was not finished'}`),
        ...networks.map((network) => `Network '${network}' ended: its start was not finished`),
        ...mdevs.map((uuid) => `Mediated device '${uuid}' removed: its making was not finished`),
      ].join('\n'),
  );
  const [failed] = reaped.filter((r) => r.error !== undefined);
  if (failed !== undefined) throw failed.error;
  return undefined;
};

async function reapOne(machines: MachineContext, name: string): Promise<readonly Reaped[]> {
  const end = await reapMachine(machines, name);
  return end === undefined ? [] : [{ name, end }];
}
