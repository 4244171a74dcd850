import { fail } from '../../errors/index.ts';
import type { QemuCaps, QomProperty } from '../../plan/caps.ts';
import { buildAccelerator } from './accelerator.ts';
import { CAPABILITY_ERRORS } from './errors.ts';
import type { ExchangeSession } from './exchange.ts';
import { answered, answerReader, isObject, required, returned } from './read.ts';
import { buildSchema } from './schema.ts';

/**
 * Builds what the compiler knows of one QEMU from the answers of one or two of its processes: the first was asked
 * everything; where it had KVM, a second one tells the same for TCG. A session that has KVM is one whose
 * `query-kvm` says so. Throws `capabilities/answer-missing` and `capabilities/answer-malformed`.
 */
export function buildCaps(sessions: readonly ExchangeSession[]): QemuCaps {
  const [main] = sessions;
  if (main === undefined) throw fail(CAPABILITY_ERRORS['answer-missing'], { command: 'query-version' });
  const withKvm = sessions.find(hasKvm);
  const withTcg = sessions.find((session) => !hasKvm(session)) ?? main;
  const sev = returned(main, 'query-sev-capabilities');
  const sgx = returned(main, 'query-sgx-capabilities');
  return {
    ...readVersion(main),
    arch: readArch(main),
    kvm: withKvm !== undefined,
    types: readTypes(main),
    properties: readProperties(main),
    accel: {
      ...(withKvm === undefined ? {} : { kvm: buildAccelerator(withKvm, 'host') }),
      tcg: buildAccelerator(withTcg, 'max'),
    },
    options: readOptions(main),
    schema: buildSchema(required(main, 'query-qmp-schema')),
    tpm: {
      models: readStrings(main, 'query-tpm-models'),
      types: readStrings(main, 'query-tpm-types'),
    },
    migrationCapabilities: readMigrationCapabilities(main),
    ...(isObject(sev) ? { sev } : {}),
    ...(isObject(sgx) ? { sgx } : {}),
  };
}

/** Whether this QEMU process ran with KVM, as it says itself. */
export function hasKvm(session: ExchangeSession): boolean {
  const answer = returned(session, 'query-kvm');
  return isObject(answer) && answer.enabled === true;
}

function readVersion(session: ExchangeSession): Pick<QemuCaps, 'version' | 'package'> {
  const read = answerReader('query-version');
  const answer = read.object(required(session, 'query-version'));
  const qemu = read.object(answer.qemu);
  return {
    version: {
      major: read.integer(qemu.major),
      minor: read.integer(qemu.minor),
      micro: read.integer(qemu.micro),
    },
    package: read.string(answer.package),
  };
}

function readArch(session: ExchangeSession): string {
  const read = answerReader('query-target');
  return read.string(read.object(required(session, 'query-target')).arch);
}

function readTypes(session: ExchangeSession): QemuCaps['types'] {
  const read = answerReader('qom-list-types');
  return Object.fromEntries(
    read
      .objects(required(session, 'qom-list-types'))
      .map((type) => [read.string(type.name), typeof type.parent === 'string' ? type.parent : '']),
  );
}

/** A type that QEMU does not know gives an error reply: it is then absent, as one that was not asked about. */
function readProperties(session: ExchangeSession): QemuCaps['properties'] {
  return Object.fromEntries(
    ['device-list-properties', 'qom-list-properties'].flatMap((command) => {
      const read = answerReader(command);
      return answered(session, command).map(({ question, value }) => [
        read.string(question.arguments?.typename),
        Object.fromEntries(
          read.objects(value).map((property): [string, QomProperty] => [
            read.string(property.name),
            {
              type: read.string(property.type),
              ...(Object.hasOwn(property, 'default-value') ? { default: property['default-value'] } : {}),
            },
          ]),
        ),
      ]);
    }),
  );
}

function readOptions(session: ExchangeSession): QemuCaps['options'] {
  const read = answerReader('query-command-line-options');
  return Object.fromEntries(
    read
      .objects(required(session, 'query-command-line-options'))
      .map((option) => [
        read.string(option.option),
        Object.fromEntries(
          read
            .objects(option.parameters)
            .map((parameter) => [read.string(parameter.name), read.string(parameter.type)]),
        ),
      ]),
  );
}

function readStrings(session: ExchangeSession, command: string): readonly string[] {
  const value = returned(session, command);
  return value === undefined ? [] : answerReader(command).strings(value);
}

function readMigrationCapabilities(session: ExchangeSession): readonly string[] {
  const read = answerReader('query-migrate-capabilities');
  const value = returned(session, 'query-migrate-capabilities');
  return value === undefined ? [] : read.objects(value).map((entry) => read.string(entry.capability));
}
