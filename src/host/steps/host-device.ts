import { fail } from '../../errors/index.ts';
import type { ScsiUnitRequirement, VhostScsiTargetRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { alone } from '../owners.ts';
import { type HostStep, NOTHING_DONE, type StepRecord } from './step.ts';

const SCSI_UNITS = '/sys/bus/scsi/devices';

/** A SCSI unit that QEMU opens by itself. It has a generic node, and a disk another one: both are this unit. */
export const scsiUnitStep: HostStep<ScsiUnitRequirement, StepRecord> = {
  ...NOTHING_DONE,
  type: 'scsi-unit',
  describe: ({ unit, path, isShared }) => ({
    act: `take the SCSI unit '${unit}' (${path}) ${isShared ? 'with others who share it' : 'for this machine alone'}`,
    undo: 'it is given back',
  }),
  owns: ({ unit, path, isShared }, host) => [
    { resource: `file:${path}`, isShared },
    ...(host?.listDirectory(`${SCSI_UNITS}/${unit}/block`) ?? []).map((disk) => ({
      resource: `file:/dev/${disk}`,
      isShared,
    })),
  ],
  async check({ device, unit, path }, host) {
    const nodes = host.listDirectory(`${SCSI_UNITS}/${unit}/scsi_generic`).map((node) => `/dev/${node}`);
    if (!nodes.includes(path)) throw fail(hostErrors['scsi-unit-missing'], { device, unit, path });
    if (!host.mayUse(path)) throw fail(hostErrors['device-unusable'], { path });
  },
};

/** A target that the kernel serves by itself; /dev/vhost-scsi is where QEMU tells it of the guest. */
export const vhostScsiTargetStep: HostStep<VhostScsiTargetRequirement, StepRecord> = {
  ...NOTHING_DONE,
  type: 'vhost-scsi-target',
  describe: ({ wwpn }) => ({ act: `take the vhost-scsi target '${wwpn}'`, undo: 'it is given back' }),
  owns: ({ wwpn }) => [alone(`vhost-scsi:${wwpn}`)],
  async check({ device, wwpn }, host) {
    const path = `/sys/kernel/config/target/vhost/${wwpn}`;
    if (host.status(path) === undefined)
      throw fail(hostErrors['vhost-scsi-target-missing'], { device, wwpn, path });
  },
};
