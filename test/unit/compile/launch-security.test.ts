import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

/** The codes for an SEV guest that leaves the platform's bits to a host which tells these. */
function codesWhere(sev: Readonly<Record<string, unknown>>): readonly string[] {
  const env = goldenEnvironment({});
  const xml = `<domain type='kvm'><name>guest</name><memory unit='MiB'>512</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <launchSecurity type='sev'><policy>0x1</policy></launchSecurity></domain>`;
  try {
    compile(xml, { ...env, caps: { ...env.caps, sev } });
    return [];
  } catch (error) {
    if (error instanceof QdomError) return error.diagnostics.map(({ code }) => code);
    throw error;
  }
}

describe('the bits of an SEV platform that a domain does not give', () => {
  it("are the host's", () => {
    expect(codesWhere({ cbitpos: 47, 'reduced-phys-bits': 1 })).toEqual([]);
  });

  it('are asked for where the host does not tell them', () => {
    expect(codesWhere({ 'reduced-phys-bits': 1 })).toEqual(['launch-security/missing-bits']);
  });
});
