import type { Plan } from '../plan/index.ts';
import type { MachineContext } from './context.ts';
import { machineFiles, machinesDirectory } from './files.ts';
import { planFromJson } from './plan-file.ts';
import { observe } from './state.ts';

/** The RAM that the guests of all running machines may take, in KiB: what they take of it grows while they run. */
export function memoryOfGuests({ host, directories }: Pick<MachineContext, 'host' | 'directories'>): number {
  return host
    .listDirectory(machinesDirectory(directories))
    .map((name) => machineFiles(directories, name))
    .filter((files) => observe(host, files).kind === 'alive')
    .reduce((sum, files) => sum + ramOf(host.readText(files.plan)), 0);
}

/** `-m size=65536k`; one that cannot be read counts nothing. */
function ramOf(text: string | undefined): number {
  try {
    const { options }: Plan = planFromJson(text ?? '');
    const value = options.find(({ option }) => option === '-m')?.value;
    const size = value?.form === 'keys' ? value.keys.find(([key]) => key === 'size')?.[1] : undefined;
    return Number(/^(\d+)k$/.exec(String(size))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
