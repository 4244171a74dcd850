import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { foresee } from '../../../src/host/realise.ts';
import { type ImageFact, imageKey, printArgv } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

type Images = Readonly<Record<string, ImageFact>>;

function planOf(disk: string, images: Images) {
  const env = goldenEnvironment({});
  const xml = `<domain type='kvm'><name>g</name><memory>1048576</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><devices>${disk}</devices></domain>`;
  return compile(xml, { ...env, facts: { ...env.facts, images } });
}

const disk = (more = '') =>
  `<disk type='file'><driver type='qcow2'/><source file='/0'/><target dev='vda'/>${more}</disk>`;
const read = (backing?: { path: string; format?: string }): ImageFact => ({
  kind: 'read',
  isBlockDevice: false,
  ...(backing && { backing }),
});
/** `/0` is based on `/1`, and so on. */
const chain = (length: number): Images =>
  Object.fromEntries(
    Array.from({ length }, (_, i) => [
      imageKey({ path: `/${i}`, format: 'qcow2' }),
      read(i + 1 < length ? { path: `/${i + 1}`, format: 'qcow2' } : undefined),
    ]),
  );

describe('the images beneath a disk', () => {
  it('are followed as far as 200 of them', async () => {
    const check = async (length: number) => {
      const files = Object.fromEntries(Array.from({ length }, (_, i) => [`/${i}`, '']));
      const owners = { directory: '/owners', machine: 'g', isThere: () => false };
      const steps = await foresee(planOf(disk(), chain(length)).host, { host: new FakeHost(files), owners });
      return steps.flatMap(({ problems }) => problems.map(({ code }) => code));
    };
    expect(await check(200)).toEqual([]);
    expect(await check(201)).toEqual(['host/chain-too-long']);
  });

  it('are not asked for what the XML says, and where it ends the chain it ends', () => {
    const lower = (end: string) =>
      `<backingStore type='file'><format type='qcow2'/><source file='/1'/>${end}</backingStore>`;
    const images = chain(3);
    expect(planOf(disk('<backingStore/>'), images).host).not.toContainEqual(
      expect.objectContaining({ type: 'image-chain' }),
    );
    const paths = (xml: string) =>
      planOf(disk(xml), images).host.flatMap((one) => (one.type === 'image-chain' ? one.images : []));
    expect(paths(lower('<backingStore/>'))).toEqual(['/0', '/1']);
    expect(paths(lower(''))).toEqual(['/0', '/1', '/2']);
  });

  it('are left out with the disk where one is not there and the domain allows it', () => {
    const optional = disk().replace("'/0'/>", "'/0' startupPolicy='optional'/>");
    const images: Images = { 'qcow2:/0': read({ path: '/1', format: 'raw' }), 'raw:/1': { kind: 'missing' } };
    const { host, warnings, domainXml, liveXml } = planOf(optional, images);
    expect(host.filter(({ type }) => type.startsWith('image'))).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'disk/left-out', message: expect.stringContaining("'/1'") }]);
    expect(domainXml).toContain('<disk');
    expect(liveXml).not.toContain('<disk');
  });

  it('are the machine’s to read, and the data file of the first its own', () => {
    const images: Images = {
      'qcow2:/0': { ...read({ path: '/1', format: 'raw' }), dataFile: '/data' } as ImageFact,
      'raw:/1': { kind: 'read', isBlockDevice: true },
    };
    const { host, options } = planOf(disk(), images);
    const owned = host.flatMap((one) => (one.type === 'image' ? [[one.path, one.isReadOnly ?? false]] : []));
    expect(owned).toEqual([
      ['/0', false],
      ['/data', false],
      ['/1', true],
    ]);
    const argv = printArgv(options).join(' ');
    expect(argv).toContain('"data-file":"libvirt-2-storage"');
    expect(argv).toContain('"driver":"host_device","filename":"/1"');
  });
});
