const LISTEN = '0A';

/** The ports of listening sockets in the text of `/proc/net/tcp` or `/proc/net/tcp6` (kernel: proc_net_tcp). */
export function listeningPorts(table: string): number[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === LISTEN ? [Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] : [];
    });
}
