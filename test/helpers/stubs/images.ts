import { readFileSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import type { QemuOption } from '../../../src/plan/index.ts';
import { type Fields, fieldsOf, isProps } from './fields.ts';
import type { StubResources } from './resources.ts';

/** What stands in the file of every stubbed secret. */
export const SECRET = 'secret';

/** Makes the images that format nodes other than raw read, with `qemu-img`; raw ones are files of zeros. */
export async function makeImages(options: readonly QemuOption[], resources: StubResources): Promise<void> {
  const nodes = options.filter(({ option }) => option === '-blockdev').map(fieldsOf);
  for (const node of nodes) {
    const storage = node.driver === 'qcow2' || node.driver === 'luks' ? storageOf(node, nodes) : undefined;
    if (storage !== undefined) await makeImage(node, storage, resources);
  }
}

/** The path of a storage node's file: its own, but for a descriptor's. */
export function nodeFile(node: unknown, filename: string): string {
  return filename.startsWith('/dev/fdset/') ? filename : `/${String(node)}${filename}`;
}

interface Storage {
  readonly path: string;
  readonly offset: number;
}

function storageOf(node: Fields, nodes: readonly Fields[]): Storage | undefined {
  const below = nodes.find((n) => n['node-name'] === node.file);
  if (typeof below?.filename === 'string')
    return { path: nodeFile(below['node-name'], below.filename), offset: 0 };
  const storage = below && storageOf(below, nodes);
  return storage && { path: storage.path, offset: storage.offset + Number(below.offset ?? 0) };
}

async function makeImage(node: Fields, storage: Storage, resources: StubResources): Promise<void> {
  const image = resources.locate(`/images.made/${String(node['node-name'])}`);
  const secret = resources.file('/images.made/secret', SECRET);
  const wishes = imageOptions(node, resources);
  await qemuImg([
    ...['create', '-q', '-f', String(node.driver), '--object', `secret,id=s,file=${secret}`],
    ...(wishes.length > 0 ? ['-o', wishes.join(',')] : []),
    ...[image, '256K'],
  ]);
  const file = Buffer.alloc(4 * 1024 * 1024);
  readFileSync(image).copy(file, storage.offset);
  writeFileSync(resources.sparse(storage.path), file);
}

/** Its measure of key derivation fails where the clock of a thread is coarse: then it is asked again. */
async function qemuImg(args: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { exitCode, stderr } = await execa('qemu-img', args, { reject: false });
    if (exitCode === 0) return;
    if (!stderr.includes('CPU usage')) throw new Error(stderr);
  }
  throw new Error('qemu-img cannot measure key derivation');
}

/** A short derivation of keys, in milliseconds: it guards nothing. */
function imageOptions(
  { driver, encrypt, 'data-file': dataFile }: Fields,
  resources: StubResources,
): string[] {
  if (driver === 'luks') return ['key-secret=s', 'iter-time=10'];
  return [
    ...(isProps(encrypt)
      ? [`encrypt.format=${encrypt.format}`, 'encrypt.key-secret=s', 'encrypt.iter-time=10']
      : []),
    ...(dataFile === undefined ? [] : [`data_file=${resources.sparse('/images.made/data')}`]),
  ];
}
