import type { FirewallTableRequirement } from '../../plan/index.ts';
import { command } from '../ip.ts';
import { requireProgram } from '../programs.ts';
import type { HostStep } from './step.ts';

export interface FirewallTableRecord {
  readonly table: string;
  readonly [key: string]: unknown;
}

/** A table of nftables (nft(8)) of one virtual network: made and removed as a whole. */
export const firewallTableStep: HostStep<FirewallTableRequirement, FirewallTableRecord> = {
  type: 'firewall-table',

  describe: ({ table, rules }) => ({
    act: [`make the firewall table 'inet ${table}':`, ...rules].join(' '),
    undo: 'the table is removed with all its rules',
  }),

  async check({ device }, host) {
    requireProgram(host, 'nft', device);
  },

  async intend({ table }) {
    return { table };
  },

  async apply({ table, rules }, intent, host) {
    // One transaction: all of it or nothing. What an undo that was cut off has left of it goes first.
    const lines = [`add table inet ${table}`, `delete table inet ${table}`, `add table inet ${table}`];
    await command(host, 'nft', [[...lines, ...rules.map((rule) => `add ${rule}`)].join('; ')]);
    return intent;
  },

  async undo({ table }, host) {
    // To add what is there does nothing: so that there is something to delete.
    await command(host, 'nft', [`add table inet ${table}; delete table inet ${table}`]);
  },
};
