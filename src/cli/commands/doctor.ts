import { DEFAULT_EMULATOR } from '../../environment/index.ts';
import { askQemu, examineHost, type HostCheck } from '../../host/doctor.ts';
import {
  filesNotGivenBack,
  filesNotRemoved,
  findLeftovers,
  type Leftover,
  memoryOfGuests,
  type VfioFunction,
  vfioFunctions,
} from '../../machine/index.ts';
import { unfinishedMdevs } from '../../machine/mdevs/index.ts';
import { unfinishedNetworks } from '../../machine/networks/index.ts';
import { coloursFor } from '../colours.ts';
import { type CommandModule, textOption } from '../command.ts';
import { readConfig } from '../config.ts';
import { machinesOf } from '../machines.ts';
import { writeOut } from '../streams.ts';

const colours = coloursFor(process.stdout);

export const run: CommandModule['run'] = async (cx, _args, options) => {
  if (options.record === true) {
    const { recordTranscript } = await import('../../qmp/capabilities/probe.ts');
    const binary = textOption(options, 'qemu') ?? DEFAULT_EMULATOR;
    writeOut(await recordTranscript(binary, { signal: cx.signal }));
    return undefined;
  }
  const machines = machinesOf(cx);
  const qemu = textOption(options, 'qemu') ?? readConfig(cx).emulator;
  const seen = examineHost(machines.host, { qemu, guestsKiB: memoryOfGuests(machines) });
  const checks = await askQemu(machines.host, seen);
  const leftovers = findLeftovers(machines);
  const functions = vfioFunctions(machines);
  const files = filesNotGivenBack(machines);
  const temporary = filesNotRemoved(machines);
  const networks = unfinishedNetworks(machines);
  const mdevs = unfinishedMdevs(machines);
  cx.answer({ checks, leftovers, vfioFunctions: functions, files, temporary, networks, mdevs }, () =>
    [
      ...checks.map(printCheck),
      ...leftovers.map(printLeftover),
      ...files.map(
        (path) => `${colours.yellow('left   ')} ${path} still belongs to QEMU's user: qdom reap --all`,
      ),
      ...temporary.map(
        (path) => `${colours.yellow('left   ')} ${path} is of a machine that is no more: qdom reap --all`,
      ),
      ...networks.map((name) => printUnfinished('network', name)),
      ...mdevs.map((uuid) => printUnfinished('mediated device', uuid)),
      ...functions.filter(({ machine }) => machine === undefined).map(printVfioFunction),
    ].join('\n'),
  );
  return undefined;
};

const NAME_WIDTH = 15;

function printCheck({ name, ok, found, costs, remedy }: HostCheck): string {
  const mark = ok ? colours.green('ok     ') : colours.yellow('missing');
  const lines = [`${mark} ${name.padEnd(NAME_WIDTH)} ${found}`];
  if (!ok) lines.push(`        ${''.padEnd(NAME_WIDTH)} without it: ${costs}`);
  if (!ok && remedy !== undefined) lines.push(`        ${''.padEnd(NAME_WIDTH)} ${remedy}`);
  return lines.join('\n');
}

function printLeftover({ name, kind }: Leftover): string {
  const what =
    kind === 'unfinished'
      ? 'was started by a command that did not finish'
      : 'has ended and was not cleaned up';
  return `${colours.yellow('left   ')} ${name} ${what}: qdom reap ${name}`;
}

function printUnfinished(what: string, name: string): string {
  return `${colours.yellow('left   ')} ${what} ${name} was being made by a command that did not finish: qdom reap --all`;
}

/** No machine has it. */
function printVfioFunction({ function: address, name, driver, detachedFrom }: VfioFunction): string {
  const what =
    detachedFrom === undefined
      ? `is bound to ${driver} and no machine has it`
      : `was taken from ${detachedFrom === 'none' ? 'no driver' : detachedFrom} by nodedev-detach`;
  return `${colours.yellow('away   ')} ${address} ${what}: qdom nodedev-reattach ${name}`;
}
