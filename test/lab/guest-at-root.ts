import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { text } from './helpers.ts';

/** One machine, `guest`, of a qdom whose directories are below a root of its own, and which may have a configuration. */
export class GuestAtRoot {
  readonly root: string;

  constructor(name: string) {
    this.root = mkdtempSync(join(tmpdir(), `${name}-`));
    mkdirSync(join(this.root, 'etc'));
  }

  /** @returns how it ended, also when it failed */
  qdom(...words: readonly string[]) {
    return execa('qdom', ['--root', this.root, ...words], { reject: false });
  }

  configure(config: object): void {
    writeFileSync(join(this.root, 'etc/config.json'), JSON.stringify(config));
  }

  /** Creates it, paused. @param body what its domain has beside name, memory and machine */
  create(body: string) {
    const file = join(this.root, 'guest.xml');
    const os = "<os><type arch='x86_64' machine='q35'>hvm</type></os>";
    const memory = "<memory unit='MiB'>32</memory>";
    writeFileSync(file, `<domain type='kvm'><name>guest</name>${memory}${body}${os}</domain>`);
    return this.qdom('create', '--paused', file);
  }

  qemuPid(): string {
    return text(join(this.root, 'run/machines/guest/qemu.stat')).split(' ')[0] ?? '';
  }

  async destroy(): Promise<void> {
    await this.qdom('destroy', 'guest');
  }

  end(): void {
    rmSync(this.root, { recursive: true });
  }
}
