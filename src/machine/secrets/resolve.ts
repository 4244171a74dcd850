import type { HostRequirement } from '../../plan/index.ts';
import type { MachineContext } from '../context.ts';
import { findSecret } from './store.ts';

/**
 * The requirements with the values of the secrets that they refer to. One that is not to be had stays a reference: its step
 * refuses it, with the place in the XML, before anything is done. Only for the moment of the start: what is kept of a plan has
 * the references.
 */
export function withSecrets(
  cx: Pick<MachineContext, 'directories' | 'host'>,
  requirements: readonly HostRequirement[],
): readonly HostRequirement[] {
  return requirements.map((requirement) => {
    if (requirement.type !== 'secret-file' || 'value' in requirement.secret) return requirement;
    const { definition, value } = findSecret(cx, requirement.secret);
    const secret =
      value === undefined ? { ...requirement.secret, withoutValue: definition?.uuid } : { value };
    return { ...requirement, secret };
  });
}
