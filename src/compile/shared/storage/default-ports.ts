import type { NetworkProtocol } from './network-source.ts';

/** Where servers listen (format: `host`, and the protocols' own); rados and NFS find their ports themselves. */
export const DEFAULT_PORTS: { readonly [P in NetworkProtocol]?: number } = {
  nbd: 10809,
  iscsi: 3260,
  gluster: 24007,
  http: 80,
  https: 443,
  ftp: 21,
  ftps: 990,
  tftp: 69,
  ssh: 22,
  vxhs: 9999,
  sheepdog: 7000,
};
