/** A virtual network that shares its bandwidth out: prints what the kernel has of it at each point. */
import { execa } from 'execa';
import { compile } from '../../../src/compile/index.ts';
import { readNetwork } from '../../../src/compile/network/read.ts';
import { networkRequirements } from '../../../src/compile/network/requirements.ts';
import { QdomError } from '../../../src/errors/index.ts';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import { goldenEnvironment } from '../../golden/environment.ts';
import { createMachines } from '../../helpers/machines.ts';
import { networkState } from '../../helpers/network-state.ts';

const NETWORK = `<network><name>shaped</name><bridge name='virbr9'/><mac address='52:54:00:aa:bb:cc'/>
  <bandwidth><inbound average='1000' peak='5000' burst='1024'/></bandwidth></network>`;

function domainHost(name: string, mac: string, floor: number) {
  const env = goldenEnvironment({});
  const xml = `<domain type='kvm'><name>${name}</name><memory>65536</memory><os><type machine='q35'>hvm</type></os><devices>
    <interface type='network'><mac address='${mac}'/><source network='shaped'/><model type='virtio'/><driver name='qemu'/>
    <bandwidth><inbound floor='${floor}'/></bandwidth></interface></devices></domain>`;
  const facts = { ...env.facts, networks: { shaped: { definition: NETWORK } } };
  return compile(xml, { ...env, facts }).host;
}

const machines = createMachines();
const { host } = machines.cx;
const { run } = machines.cx.directories;
const owners = (machine: string) => ({ directory: `${run}/owners`, machine, isThere: () => true });
const classes = async () => (await execa('tc', ['class', 'show', 'dev', 'virbr9'])).stdout;
const filters = async () => (await execa('tc', ['filter', 'show', 'dev', 'virbr9', 'parent', '1:'])).stdout;

const points: Record<string, unknown> = {};
try {
  host.makeDirectory(run, 0o700);
  const before = await networkState();
  const requirements = networkRequirements(readNetwork(NETWORK), run).filter(
    ({ type }) => type === 'virtual-bridge',
  );
  await realise(requirements, host, `${run}/net.jsonl`, owners('network shaped'));
  points.shared = await classes();

  const one = await realise(
    domainHost('one', '52:54:00:00:00:01', 600),
    host,
    `${run}/one.jsonl`,
    owners('one'),
  );
  points.withFloor = [await classes(), await filters()];
  points.tooMuch = await realise(
    domainHost('two', '52:54:00:00:00:02', 500),
    host,
    `${run}/two.jsonl`,
    owners('two'),
  ).then(
    () => 'started',
    (error: unknown) => (error instanceof QdomError ? error.primary?.message : String(error)),
  );
  one.closeDescriptors();
  points.undone = await undoSteps(host, `${run}/one.jsonl`, 'ended');
  points.after = [await classes(), await filters()];
  points.end = await undoSteps(host, `${run}/net.jsonl`, 'ended');
  points.same = JSON.stringify(await networkState()) === JSON.stringify(before);
} finally {
  await machines.end();
}
process.stdout.write(JSON.stringify(points));
