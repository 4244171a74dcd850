export interface FakeFunction {
  driver?: string;
  override?: string;
  /** The driver that the kernel picks by itself. */
  readonly natural?: string;
  readonly group?: string;
  readonly class: string;
  /** Its physical function, and which of that one's it is. */
  readonly virtual?: { readonly of: string; readonly number: number };
  /** The network interface that its own driver makes. */
  link?: string;
  /** Whether the kernel knows a way to reset it; it does unless this is false. */
  readonly canReset?: boolean;
  readonly files: Readonly<Record<string, string>>;
}

const FUNCTION = /^\/sys\/bus\/pci\/devices\/([^/]+)(?:\/(.+))?$/;

/** PCI functions in memory, as sysfs shows and changes them. */
export class FakePci {
  readonly all = new Map<string, FakeFunction>();
  /** Those that are loaded. */
  readonly drivers = new Set<string>();
  /** Drivers that take no function. */
  readonly refuses = new Set<string>();
  /** Those of `/dev/vfio` that are not root's. */
  readonly nodeOwners = new Map<string, { readonly uid: number; readonly gid: number }>();

  add(address: string, given: Partial<FakeFunction> = {}): void {
    const made = { class: '0x020000', files: {}, ...given };
    if (made.driver !== undefined) this.drivers.add(made.driver);
    this.all.set(address, { ...(made.driver !== undefined && { natural: made.driver }), ...made });
  }

  readText(path: string): string | undefined {
    const [found, file] = this.#file(path);
    if (found === undefined || file === undefined) return undefined;
    if (file === 'class') return `${found.class}\n`;
    if (file === 'driver_override') return `${found.override ?? '(null)'}\n`;
    return found.files[file];
  }

  readLink(path: string): string | undefined {
    const [found, file] = this.#file(path);
    if (found === undefined || file === undefined) return undefined;
    if (file === 'driver') return found.driver && `../../../bus/pci/drivers/${found.driver}`;
    if (file === 'iommu_group') return found.group && `../../../kernel/iommu_groups/${found.group}`;
    if (file === 'physfn') return found.virtual && `../${found.virtual.of}`;
    const number = /^virtfn(\d+)$/.exec(file)?.[1];
    const virtual = this.#virtualsOf(path.split('/')[5] ?? '').find(([n]) => String(n) === number);
    return virtual && `../${virtual[1]}`;
  }

  list(path: string): readonly string[] {
    if (path === '/sys/bus/pci/devices') return [...this.all.keys()];
    const group = /^\/sys\/kernel\/iommu_groups\/([^/]+)\/devices$/.exec(path)?.[1];
    if (group !== undefined) return [...this.all].filter(([, f]) => f.group === group).map(([a]) => a);
    const [found, file] = this.#file(path);
    if (found === undefined) return [];
    if (file === 'net') return found.link !== undefined && found.driver === found.natural ? [found.link] : [];
    if (file !== undefined) return [];
    return this.#virtualsOf(path.split('/')[5] ?? '').map(([number]) => `virtfn${number}`);
  }

  /** Whether sysfs, or vfio, has something there. */
  has(path: string): boolean {
    if (path === '/dev/vfio/vfio') return this.drivers.has('vfio-pci');
    const node = /^\/dev\/vfio\/(.+)$/.exec(path)?.[1];
    if (node !== undefined)
      return [...this.all.values()].some((f) => f.group === node && f.driver?.includes('vfio'));
    const driver = /^\/sys\/bus\/pci\/drivers\/([^/]+)$/.exec(path)?.[1];
    if (driver !== undefined) return this.drivers.has(driver);
    const [found, file] = this.#file(path);
    if (file === 'reset') return found !== undefined && found.canReset !== false;
    return found !== undefined && (file === undefined || found.files[file] !== undefined);
  }

  /** False for a file that is no node of vfio's. */
  chown(path: string, uid: number, gid: number): boolean {
    if (!path.startsWith('/dev/vfio/') || !this.has(path)) return false;
    if (uid === 0 && gid === 0) this.nodeOwners.delete(path);
    else this.nodeOwners.set(path, { uid, gid });
    return true;
  }

  /** False for a file that is none of these. */
  write(path: string, text: string): boolean {
    const [found, file] = this.#file(path);
    if (found !== undefined && file === 'driver_override') {
      if (text === '\n') delete found.override;
      else found.override = text.trim();
      return true;
    }
    if (found !== undefined && file === 'driver/unbind') {
      delete found.driver;
      for (const node of this.nodeOwners.keys()) if (!this.has(node)) this.nodeOwners.delete(node);
      return true;
    }
    if (found !== undefined && file === 'reset') return true;
    const target = this.all.get(text);
    if (target === undefined) return false;
    const driver = /^\/sys\/bus\/pci\/drivers\/([^/]+)\/bind$/.exec(path)?.[1];
    const picked = target.override ?? target.natural;
    if (driver !== undefined && driver !== picked) throw new Error(`ENODEV: '${path}'`);
    if (driver === undefined && path !== '/sys/bus/pci/drivers_probe') return false;
    if (target.driver !== undefined || picked === undefined) return true;
    if (this.drivers.has(picked) && !this.refuses.has(picked)) target.driver = picked;
    return true;
  }

  #file(path: string): readonly [FakeFunction | undefined, string | undefined] {
    const [, address = '', file] = FUNCTION.exec(path) ?? [];
    return [this.all.get(address), file];
  }

  #virtualsOf(address: string): readonly (readonly [number, string])[] {
    return [...this.all].flatMap(([a, { virtual }]) =>
      virtual?.of === address ? [[virtual.number, a] as const] : [],
    );
  }
}
