import {
  type FreeMemoryRequirement,
  type HostRequirement,
  hasProperty,
  hasType,
  jsonOption,
  type PropValue,
  type QemuOption,
} from '../../plan/index.ts';
import { type Where, whereIs } from '../../xml/index.ts';
import { type EmitContext, fromPlace } from '../context.ts';
import { memoryBackingErrors } from '../sections/memory-backing/errors.ts';
import { type BackingPages, hugepageDirectory, type MemoryDirectory, ramDirectory } from './memory-paths.ts';
import { bytes } from './size.ts';

/** One piece of guest memory and all that decides what is behind it. */
export interface BackendRequest {
  /** QEMU's id of the object. */
  readonly id: string;
  /** Its file where it needs one: `ram-node0`, `dimm0`. */
  readonly fileName: string;
  readonly sizeKiB: number;
  /** It is the machine's RAM as a whole, whose migration name must not be the object's path. */
  readonly isMachineRam?: boolean;
  /** Hugepages, if it is to have them. */
  readonly pages?: BackingPages | undefined;
  readonly access?: 'shared' | 'private' | undefined;
  readonly discard?: boolean | undefined;
  /** Host nodes and how they are used. */
  readonly binding?: HostBinding | undefined;
  /** A file or device of the user's that holds the memory. */
  readonly path?: string | undefined;
  readonly alignKiB?: number | undefined;
  readonly pmem?: boolean | undefined;
  readonly prealloc?: boolean | undefined;
  readonly preallocThreads?: number | undefined;
  /** No swap space is reserved: most of it may never be used (virtio-mem). */
  readonly isSparse?: boolean | undefined;
}

/** `host-nodes` and `policy` of a backend. */
export interface HostBinding {
  readonly nodes: readonly number[];
  readonly policy: 'bind' | 'preferred' | 'interleave';
}

type Entries = Record<string, PropValue | undefined>;

/** The backend object of guest memory (QEMU: `memory-backend-ram`, `-memfd`, `-file`), and the directory it needs. */
export function memoryBackend(
  request: BackendRequest,
  cx: EmitContext,
): { readonly option: QemuOption; readonly host: readonly HostRequirement[] } {
  const { binding } = request;
  const place = placeOf(request, cx);
  const type = String(place.entries['qom-type']);
  if (!hasType(cx.env.caps, type))
    cx.report.add(
      memoryBackingErrors['unsupported-backend'],
      { backend: type },
      whereIs(cx.domain.memoryBacking, 'source'),
    );
  const canonical = hasProperty(cx.env.caps, type, 'x-use-canonical-path-for-ramblock-id');
  const option = jsonOption('-object', {
    'qom-type': type,
    id: request.id,
    ...place.entries,
    share: request.access && request.access === 'shared',
    'x-use-canonical-path-for-ramblock-id': request.isMachineRam && canonical ? false : undefined,
    prealloc: request.prealloc ? true : undefined,
    'prealloc-threads': request.preallocThreads,
    reserve: request.isSparse && hasReserve(cx) ? false : undefined,
    size: bytes(request.sizeKiB),
    align: request.alignKiB === undefined ? undefined : bytes(request.alignKiB),
    pmem: request.pmem ? true : undefined,
    'host-nodes': binding?.nodes,
    policy: binding?.policy,
  });
  return {
    option,
    host: [
      ...hugepagesNeeded(request, cx),
      ...freeMemoryNeeded(request, cx),
      ...(place.mount === undefined ? [] : mountOf(place.mount)),
      ...(place.directory === undefined ? [] : [place.directory]),
    ],
  };
}

/** QEMU 6.1; asked of a backend whose properties are always recorded. */
function hasReserve(cx: EmitContext): boolean {
  return hasProperty(cx.env.caps, 'memory-backend-file', 'reserve');
}

interface Place {
  readonly entries: Entries;
  readonly directory?: MemoryDirectory;
  /** The hugetlbfs that the directory is in. */
  readonly mount?: BackingPages;
}

function placeOf(request: BackendRequest, cx: EmitContext): Place {
  const { path, pages } = request;
  const backing = cx.domain.memoryBacking;
  const discard = { 'discard-data': request.discard };
  if (path !== undefined)
    return { entries: { 'qom-type': 'memory-backend-file', 'mem-path': path, ...discard } };
  if (backing?.source?.type === 'memfd')
    return {
      entries: {
        'qom-type': 'memory-backend-memfd',
        hugetlb: pages && true,
        hugetlbsize: pages && bytes(pages.sizeKiB),
      },
    };
  if (pages !== undefined) {
    const directory = hugepageDirectory(pages, cx);
    return {
      entries: { 'qom-type': 'memory-backend-file', 'mem-path': directory.path, ...discard },
      directory,
      mount: pages,
    };
  }
  if (request.access === undefined && backing?.source?.type !== 'file')
    return { entries: { 'qom-type': 'memory-backend-ram' } };
  const directory = ramDirectory(cx);
  const file = `${directory.path}/${request.fileName}`;
  return { entries: { 'qom-type': 'memory-backend-file', 'mem-path': file, ...discard }, directory };
}

/** Pages are taken at once, from the nodes that the memory is bound to. */
function hugepagesNeeded(
  { id, sizeKiB, pages, binding, path, isSparse }: BackendRequest,
  cx: EmitContext,
): readonly HostRequirement[] {
  if (pages === undefined || path !== undefined || isSparse === true) return [];
  const nodes = binding?.policy === 'bind' ? binding.nodes : undefined;
  return [hugepages(id, sizeKiB, pages.sizeKiB, cx, nodes)];
}

/** What is not hugepages, and is taken at once; whether the whole machine's is, `withMemoryTogether` knows. */
function freeMemoryNeeded(
  { id, sizeKiB, pages, binding, path, isSparse, prealloc }: BackendRequest,
  { domain: { memoryBacking } }: EmitContext,
): readonly FreeMemoryRequirement[] {
  if (pages !== undefined || path !== undefined || isSparse === true) return [];
  const nodes = binding?.policy === 'bind' ? binding.nodes : undefined;
  const need = { memory: id, sizeKiB, ...(nodes !== undefined && { nodes }) };
  // A file on a disk is where such memory goes when it is not needed.
  const isTaken = prealloc === true && memoryBacking?.source?.type !== 'file';
  return [{ type: 'free-memory', needs: [need], because: isTaken ? 'allocated' : 'locked' }];
}

/**
 * What is taken of memory as a whole is one requirement: all of it if QEMU locks it, or if devices reach it by themselves;
 * otherwise what is allocated at once.
 */
export function withMemoryTogether(
  host: readonly HostRequirement[],
  {
    locked,
    assigned,
    allocated,
  }: {
    /** Where that is asked for, if it is. */
    readonly locked: Where | undefined;
    readonly assigned: Where | undefined;
    readonly allocated: Where;
  },
): readonly HostRequirement[] {
  const all = host.filter((one) => one.type === 'free-memory');
  const others = host.filter((one) => one.type !== 'free-memory');
  const isWhole = locked !== undefined || assigned !== undefined;
  const taken = isWhole ? all : all.filter(({ because }) => because === 'allocated');
  if (taken.length === 0) return others;
  const together: HostRequirement = {
    ...fromPlace(locked ?? assigned ?? allocated),
    type: 'free-memory',
    needs: taken.flatMap(({ needs }) => needs),
    because: locked !== undefined ? 'locked' : assigned !== undefined ? 'assigned' : 'allocated',
  };
  return [together, ...others];
}

/** The requirement that a hugetlbfs is mounted, where none is. */
export function mountOf({ sizeKiB, mount, isMade }: BackingPages): readonly HostRequirement[] {
  return isMade ? [{ type: 'hugetlbfs', path: mount, pageKiB: sizeKiB }] : [];
}

/** The requirement that so much memory of pages of one size is free. */
export function hugepages(
  memory: string,
  sizeKiB: number,
  pageKiB: number,
  cx: EmitContext,
  nodes?: readonly number[],
): HostRequirement {
  const need = {
    memory,
    pageKiB,
    pages: Math.ceil(sizeKiB / pageKiB),
    ...(nodes !== undefined && { nodes }),
  };
  return {
    ...fromPlace(whereIs(cx.domain.memoryBacking, 'hugepages')),
    type: 'hugepages',
    needs: [need],
    ...(cx.env.config.allocateHugepages && { allocate: true }),
  };
}

/**
 * All hugepages that a machine needs are one requirement: what one part of its memory takes, another cannot have. They
 * come first, and each mount once.
 */
export function withHugepagesTogether(host: readonly HostRequirement[]): readonly HostRequirement[] {
  const all = host.filter((one) => one.type === 'hugepages');
  const [first] = all;
  if (first === undefined) return host;
  const mounts = new Map(host.flatMap((one) => (one.type === 'hugetlbfs' ? [[one.path, one] as const] : [])));
  const others = host.filter((one) => one.type !== 'hugepages' && one.type !== 'hugetlbfs');
  return [{ ...first, needs: all.flatMap(({ needs }) => needs) }, ...mounts.values(), ...others];
}
