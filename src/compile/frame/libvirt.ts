import { jsonOption, keysOption, type QemuOption } from '../../plan/index.ts';

/** The QMP monitor, on a listening socket that is passed in. */
export function libvirtMonitor(): QemuOption[] {
  return [
    keysOption('-chardev', [
      [null, 'socket'],
      ['id', 'charmonitor'],
      ['fd', { fd: 'monitor' }],
      ['server', true],
      ['wait', false],
    ]),
    keysOption('-mon', [
      ['chardev', 'charmonitor'],
      ['id', 'monitor'],
      ['mode', 'control'],
    ]),
  ];
}

/** @param directory the domain's own directory */
export function masterKey(directory: string): QemuOption {
  return jsonOption('-object', {
    'qom-type': 'secret',
    id: 'masterKey0',
    format: 'raw',
    file: `${directory}/master-key.aes`,
  });
}
