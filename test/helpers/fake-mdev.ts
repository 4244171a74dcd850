import type { FakeFiles } from './fake-kernel.ts';

const CREATE = /^\/sys\/class\/mdev_bus\/([^/]+)\/mdev_supported_types\/([^/]+)\/create$/;
const DEVICE = /^\/sys\/bus\/mdev\/devices\/([^/]+)(?:\/(.+))?$/;
const FIRST_GROUP = 40;

interface Made {
  readonly parent: string;
  readonly type: string;
  readonly group: string;
}

/** Mediated devices in memory: made and removed by writing into files, as the kernel has it (vfio-mediated-device.rst). */
export class FakeMdev {
  readonly #files: FakeFiles;
  readonly made = new Map<string, Made>();

  constructor(files: FakeFiles) {
    this.#files = files;
  }

  /** A device that can make them; `attributes` are files that each of them has. */
  addType(parent: string, type: string, instances: number, attributes: readonly string[] = []): void {
    const directory = typeDirectory(parent, type);
    for (const path of ['/dev/vfio', '/sys/bus/mdev/devices']) this.#files.plant(path, null);
    this.#files.plant(`${directory}/create`, '');
    this.#files.plant(`${directory}/available_instances`, `${instances}\n`);
    this.#files.plant(`${directory}/device_api`, 'vfio-pci\n');
    this.#files.plant(`${directory}/attributes_of_instances`, attributes.join(' '));
  }

  /** False for a file that is none of these. */
  write(path: string, text: string): boolean {
    const [, parent, type] = CREATE.exec(path) ?? [];
    if (parent !== undefined && type !== undefined) {
      this.#make(path, text, parent, type);
      return true;
    }
    const [, uuid = '', file] = DEVICE.exec(path) ?? [];
    const made = this.made.get(uuid);
    if (made === undefined || file !== 'remove') return false;
    for (const name of this.#files.list(`/sys/bus/mdev/devices/${uuid}`))
      this.#files.remove(`/sys/bus/mdev/devices/${uuid}/${name}`);
    this.#files.remove(`/sys/bus/mdev/devices/${uuid}`);
    this.#files.remove(`/dev/vfio/${made.group}`);
    this.made.delete(uuid);
    this.#count(made.parent, made.type, 1);
    return true;
  }

  readLink(path: string): string | undefined {
    const [, uuid = '', file] = DEVICE.exec(path) ?? [];
    const made = this.made.get(uuid);
    if (made === undefined) return undefined;
    if (file === undefined) return `../../../devices/pci0000:00/${made.parent}/${uuid}`;
    if (file === 'iommu_group') return `../../../../kernel/iommu_groups/${made.group}`;
    if (file === 'mdev_type') return `../mdev_supported_types/${made.type}`;
    return undefined;
  }

  #make(path: string, uuid: string, parent: string, type: string): void {
    const directory = typeDirectory(parent, type);
    const refuse = (code: string) => {
      throw Object.assign(new Error(`${code}: write '${path}'`), { code });
    };
    if (this.#files.text(`${directory}/create`) === undefined) refuse('ENOENT');
    if (this.made.has(uuid)) refuse('EEXIST');
    if (Number(this.#files.text(`${directory}/available_instances`)) < 1) refuse('ENOSPC');
    const groups = new Set([...this.made.values()].map(({ group }) => group));
    let group = FIRST_GROUP;
    while (groups.has(String(group))) group++;
    this.made.set(uuid, { parent, type, group: String(group) });
    this.#count(parent, type, -1);
    const attributes = (this.#files.text(`${directory}/attributes_of_instances`) ?? '').split(' ');
    for (const name of ['remove', ...attributes.filter(Boolean)])
      this.#files.plant(`/sys/bus/mdev/devices/${uuid}/${name}`, '');
    this.#files.plant(`/dev/vfio/${group}`, '');
  }

  #count(parent: string, type: string, by: number): void {
    const file = `${typeDirectory(parent, type)}/available_instances`;
    this.#files.plant(file, `${Number(this.#files.text(file)) + by}\n`);
  }
}

function typeDirectory(parent: string, type: string): string {
  return `/sys/class/mdev_bus/${parent}/mdev_supported_types/${type}`;
}
