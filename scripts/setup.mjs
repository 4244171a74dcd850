#!/usr/bin/env node
// Gets what a fresh clone lacks, then runs what it was asked for: node scripts/setup.mjs demo|test [ARGS…]
// Plain JavaScript without packages, because it runs before they are there.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM_NODE = [20, 19];

/** System tools by what asks for them: the command that shows it is there, and Debian's package. */
const TOOLS = {
  demo: [['qemu-system-x86_64', 'qemu-system-x86']],
  test: [
    ['qemu-system-x86_64', 'qemu-system-x86'],
    ['qemu-img', 'qemu-utils'],
    ['ip', 'iproute2'],
    ['xz', 'xz-utils'],
    ['swtpm_setup', 'swtpm-tools'],
    ['passt', 'passt'],
    ['nft', 'nftables'],
    ['dnsmasq', 'dnsmasq-base'],
    ['dbus-daemon', 'dbus-daemon'],
    ['virtiofsd', 'virtiofsd'],
    ['vhost-user-gpu', 'qemu-system-gui'],
  ],
};
/** Not on the PATH, but where Debian has what only other programs start. */
const ELSEWHERE = ['/usr/sbin', '/sbin', '/usr/libexec', '/usr/lib/qemu'];

const [task, ...rest] = process.argv.slice(2);
if (!(task in TOOLS)) stop(`usage: node scripts/setup.mjs ${Object.keys(TOOLS).join('|')}`);
checkNode();
installPackages();
const missing = installTools(TOOLS[task]);
if (missing.length > 0 && task === 'demo') process.exit(1);
run('npm', ['run', '--silent', 'build']);
process.exit(run('npm', ['run', '--silent', `${task}:run`, '--', ...rest], { mayFail: true }));

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  stop(`qdom needs Node.js ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}`);
}

/** npm notes in node_modules what it installed; a lock file newer than that note means there is more to do. */
function installPackages() {
  const lock = join(home, 'package-lock.json');
  const note = join(home, 'node_modules', '.package-lock.json');
  if (existsSync(note) && statSync(note).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing the npm packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function installTools(tools) {
  const missing = () => tools.filter(([command]) => !onPath(command)).map(([, name]) => name);
  if (missing().length === 0) return [];
  const isRoot = process.getuid?.() === 0;
  if (isRoot && onPath('apt-get')) run('apt-get', ['update', '-qq'], { mayFail: true });
  const packages = missing().filter(isOffered);
  if (packages.length === 0) return [];
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!onPath('apt-get')) {
    say(`missing: ${packages.join(', ')} (Debian's names). Install them with this system's package manager.`);
    return packages;
  }
  if (!isRoot) {
    say(`missing: ${packages.join(', ')}. As root run:\n  apt-get update && ${install}`);
    return packages;
  }
  say(`installing ${packages.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('sh', ['-c', `${install} -qq >/dev/null`], { env });
  return missing().filter(isOffered);
}

/** Debian 12 has virtiofsd in a package of QEMU's; a name that apt does not know would fail all others. */
function isOffered(name) {
  return name !== 'virtiofsd' || spawnSync('apt-cache', ['show', name]).status === 0;
}

function onPath(command) {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...ELSEWHERE];
  return places.some((place) => existsSync(join(place, command)));
}

function run(command, args, { mayFail = false, env = process.env } = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: home, stdio: 'inherit', env });
  if (error) stop(`${command} cannot be run: ${error.message}`);
  const code = status ?? (signal ? 130 : 1);
  if (code !== 0 && !mayFail) stop(`'${command} ${args.join(' ')}' failed with status ${code}`);
  return code;
}

function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

function stop(text) {
  say(text);
  process.exit(1);
}
