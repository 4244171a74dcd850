import { execa } from 'execa';

/** What there is of the network and what is set, as far as a machine could change it; without what changes by itself. */
export async function networkState(): Promise<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const line of COMMANDS) {
    const [program = '', ...args] = line.split(' ');
    const { stdout } = await execa(program, args, { reject: false });
    shown[line] = stdout.replace(VOLATILE, '').replace(/ +$/gm, '');
  }
  return shown;
}

const COMMANDS = [
  'ip -d link show',
  'ip address show',
  'ip -4 route show table all',
  'ip -6 route show table all',
  'tc qdisc show',
  'bridge fdb show',
  'bridge -d link show',
  'bridge vlan show',
];

/** Timers, learned addresses, lifetimes, and what says that nothing is connected. */
const VOLATILE =
  /NO-CARRIER,|,LOWER_UP| state \S+| linkdown|\w+_timer +[\d.]+|^[\da-f:]{17} dev \S+ master \S+ *\n|valid_lft \S+ preferred_lft \S+|expires \d+sec/gm;
