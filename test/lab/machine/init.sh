#!/bin/busybox sh
# The lab's first program, in its initramfs: mounts the outer host's root (9p, read-only) under a layer in memory that is
# thrown away at the end, hides what other software keeps at work there, and goes on with inside.sh of the project.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
modprobe -a virtio_pci 9p 9pnet_virtio overlay

stop() {
  echo "the lab cannot start: $*"
  poweroff -f
}

options=trans=virtio,version=9p2000.L,msize=512000
mkdir -p /lower /layer /new /lab
mount -t 9p -o "$options,ro,cache=loose" root /lower || stop "the outer root cannot be mounted"
mount -t 9p -o "$options" lab /lab || stop "the directory for results cannot be mounted"
project=$(cat /lab/project)

mount -t tmpfs -o size=75% tmpfs /layer
# A layer over a directory: what is written there stays in memory.
over() {
  mkdir -p "/layer/$3/upper" "/layer/$3/work"
  mount -t overlay -o "lowerdir=$1,upperdir=/layer/$3/upper,workdir=/layer/$3/work" overlay "$2" || stop "no overlay over $1"
}
over /lower /new root
for hidden in tmp run var/tmp etc/qdom var/lib/qdom var/log/qdom; do
  mkdir -p "/new/$hidden"
  mount -t tmpfs -o mode=1777 tmpfs "/new/$hidden"
done
mkdir -p "/new$project" /new/run/lab /new/lib/modules
over "/lower$project" "/new$project" project
cp -r /lib/modules/* /new/lib/modules/
mkdir -p /new/run/busybox
cp /bin/busybox /new/run/busybox/
/bin/busybox --install -s /new/run/busybox 2>/dev/null
for applet in /new/run/busybox/*; do [ -L "$applet" ] && ln -sf busybox "$applet"; done
for directory in proc sys dev; do mount --move /$directory /new/$directory; done
mount --move /lab /new/run/lab
exec switch_root /new /bin/sh "$project/test/lab/machine/inside.sh"
