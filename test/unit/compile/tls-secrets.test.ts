import { expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { printArgv } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const UUIDS = {
  vnc: '00000000-0000-4000-8000-000000000001',
  chardev: '00000000-0000-4000-8000-000000000002',
  nbd: '00000000-0000-4000-8000-000000000003',
};

function planOf(tlsSecrets: typeof UUIDS | undefined) {
  const env = goldenEnvironment({});
  const config = { ...env.config, vncTls: true, ...(tlsSecrets && { tlsSecrets }) };
  const xml = `<domain type='kvm'><name>g</name><memory>1048576</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
    <disk type='network'><source protocol='nbd' name='x' tls='yes'><host name='store.example'/></source><target dev='vda'/></disk>
    <serial type='tcp'><source mode='connect' host='127.0.0.1' service='5555' tls='yes'/></serial>
    <graphics type='vnc'/></devices></domain>`;
  return compile(xml, { ...env, config });
}

it('the keys of VNC, character devices and NBD have their passwords from secrets that the configuration names', () => {
  const { options, host } = planOf(UUIDS);
  const ids = ['objlibvirt-1-storage_tls0-secret0', 'objcharserial0_tls0-secret0', 'vnc-tls-creds0-secret0'];
  const argv = printArgv(options);
  for (const id of ids) {
    const file = `/run/qdom/guest/${id}.secret`;
    expect(argv).toContain(`{"qom-type":"secret","id":"${id}","format":"raw","file":"${file}"}`);
    expect(argv.filter((word) => word.includes(`"passwordid":"${id}"`))).toHaveLength(1);
    expect(host).toContainEqual(expect.objectContaining({ type: 'secret-file', path: file }));
  }
  const stored = host.flatMap((one) =>
    one.type === 'secret-file' && 'uuid' in one.secret ? [one.secret] : [],
  );
  expect(stored.map(({ type, uuid }) => [type, uuid]).sort()).toEqual([
    ['tls', UUIDS.vnc],
    ['tls', UUIDS.chardev],
    ['tls', UUIDS.nbd],
  ]);
});

it('keys without a password need no secret', () => {
  const { options, host } = planOf(undefined);
  expect(printArgv(options).join(' ')).not.toContain('passwordid');
  expect(host.filter(({ type }) => type === 'secret-file')).toEqual([]);
});
