# The lab's process 1 from here on: a host with cgroup v2 alone, the kernel's modules loaded, and the outer host's programs.
# It runs the tests (or a shell), whose report goes to /run/lab, and powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/busybox
export HOME=/root LC_ALL=C.UTF-8 QDOM_LAB=1

mkdir -p /usr/local/bin /dev/pts /dev/shm /dev/hugepages
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t hugetlbfs hugetlbfs /dev/hugepages
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
for name in stdin=0 stdout=1 stderr=2; do ln -sf "/proc/self/fd/${name#*=}" "/dev/${name%=*}"; done
[ -e /usr/sbin/modprobe ] || ln -s /run/busybox/modprobe /usr/sbin/modprobe
modprobe -a $(cat /lib/modules/$(uname -r)/wanted)
mount -t configfs configfs /sys/kernel/config
hostname lab
ip link set lo up
# Whoever watches from outside sees by these whether both processors go on (alive.ts). They wait by reading what nobody writes:
# a `sleep` that comes and goes would be a difference to tests that compare the processes before and after.
mkfifo /run/silence
for cpu in 0 1; do
  taskset $((1 << cpu)) bash -c "while ! read -r -t 5; do echo >/run/lab/alive-$cpu; done" <>/run/silence &
done

project=$(cat /run/lab/project)
printf '#!/bin/sh\nexec node "%s/%s" "$@"\n' "$project" "$(cat /run/lab/qdom)" >/usr/local/bin/qdom
chmod +x /usr/local/bin/qdom
cd "$project"
until [ -e /dev/hvc0 ]; do sleep 0.1; done
if [ "$(cat /run/lab/mode)" = shell ]; then
  echo "A shell in the lab, as root; 'exit' ends it. qdom is on the PATH." >/dev/hvc0
  setsid -c bash -l </dev/hvc0 >/dev/hvc0 2>&1
else
  # What QEMU says of itself is asked once, with patience: on a busy machine the first start takes longer than qdom waits.
  for attempt in 1 2 3; do qdom compile examples/hello.xml >/dev/null 2>&1 && break; done
  stty -F /dev/hvc0 raw -echo
  exec </dev/null >/dev/hvc0 2>&1
  tests=$(cat /run/lab/tests)
  {
    CI=1 QDOM_TEST_REPORT=/run/lab/report.jsonl node node_modules/vitest/vitest.mjs run \
      --config "$project/test/lab/vitest.config.ts" --root "$tests" \
      --reporter=verbose --reporter="$tests/bundled/test/reporter.js"
    echo $? >/run/lab/status
  } | cat
fi
poweroff -f
