import { randomUUID } from 'node:crypto';
import { printSecret, readSecret } from '../../compile/secret/index.ts';
import {
  defineSecret,
  listSecrets,
  readSecretDefinition,
  setSecretValue,
  shownSecretValue,
  undefineSecret,
} from '../../machine/index.ts';
import type { SecretDefinition } from '../../plan/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';
import { readSecretValue } from '../read-secret.ts';
import { readXml } from '../read-xml.ts';
import { writeOut } from '../streams.ts';
import { table } from '../table.ts';

/** The commands of the store of secrets, in virsh's words. */
export const define: CommandModule = {
  run: async (cx, args) => {
    const definition = await readXml(cx, argument(args, 0), (input, report) =>
      readSecret(input.text, randomUUID, input.file, report),
    );
    await defineSecret(machinesOf(cx), definition);
    cx.answer({ uuid: definition.uuid }, () => `Secret ${definition.uuid} created`);
    return undefined;
  },
};

export const setValue: CommandModule = {
  run: async (cx, [uuid = '', value], options) => {
    const machines = machinesOf(cx);
    readSecretDefinition(machines, named(uuid));
    await setSecretValue(machines, named(uuid), await readSecretValue(cx, value, options));
    cx.answer({ uuid: named(uuid) }, () => 'Secret value set');
    return undefined;
  },
};

export const getValue: CommandModule = {
  run: async (cx, args, options) => {
    const uuid = named(argument(args, 0));
    const value = Buffer.from(shownSecretValue(machinesOf(cx), uuid).reveal());
    const base64 = value.toString('base64');
    if (options.plain === true && !cx.json) writeOut(value);
    else cx.answer({ uuid, value: base64 }, () => base64);
    return undefined;
  },
};

export const list: CommandModule = {
  run: async (cx, _args, options) => {
    const matches = (wanted: unknown, is: boolean) => wanted === undefined || wanted === is;
    const shown = listSecrets(machinesOf(cx)).filter(
      (s) => matches(options.ephemeral, s.ephemeral) && matches(options.private, s.isPrivate),
    );
    cx.answer(shown, () =>
      table(
        ['UUID', 'Usage'],
        shown.map((s) => [s.uuid, usageText(s)]),
      ),
    );
    return undefined;
  },
};

/** virsh's words for it. */
function usageText({ usage }: SecretDefinition): string {
  return usage === undefined ? 'Unused' : `${usage.type} ${usage.name}`;
}

export const dumpxml: CommandModule = {
  run: async (cx, args) => {
    const definition = readSecretDefinition(machinesOf(cx), named(argument(args, 0)));
    const xml = printSecret(definition);
    cx.answer({ ...definition, xml }, () => xml);
    return undefined;
  },
};

export const undefine: CommandModule = {
  run: async (cx, args) => {
    const uuid = named(argument(args, 0));
    await undefineSecret(machinesOf(cx), uuid);
    cx.answer({ uuid }, () => `Secret ${uuid} deleted`);
    return undefined;
  },
};

/** A UUID as the store has it. */
function named(uuid: string): string {
  return uuid.toLowerCase();
}
