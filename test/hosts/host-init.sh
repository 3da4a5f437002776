#!/bin/bash
# First process of a test host. Started in fresh mount, PID, network, UTS and IPC namespaces inside the laboratory's.
# Builds the host's root, gives up the capabilities that reach outside, and then only reaps.
#   /usr /etc   the machine's, laid over by the cached trees and by the host's own files (overlayfs)
#   all else    the host's own; /run /tmp /dev /proc /sys are made anew at each boot, the rest survives a power-off
# In: HOST_NAME, HOST_DIR, TREES (names of trees beside HOST_DIR, blanks between), CHECKOUT, BIND (a folder to show at
# the same place, or ''), OVERLAY_OPTIONS ('' or ',...'), CAPS (what setpriv removes).
set -eu
read -r pid _ </proc/self/stat
hostname "$HOST_NAME"
root=$HOST_DIR/root

first_boot() {
  mkdir -p "$root" "$HOST_DIR/etc" "$HOST_DIR/usr/sbin" "$HOST_DIR/usr/bin" "$HOST_DIR/usr/share/heartbeat"
  cd "$root"
  mkdir -p dev proc sys run tmp usr etc mnt srv root opt/heartbeatd home var/lib var/tmp var/cache var/log var/spool var/www/html
  for tree in $TREES; do if [ -d "../../$tree/var" ]; then cp -rP --preserve=mode "../../$tree/var" .; fi; done
  mkdir -p var/lib/heartbeat var/lib/nginx var/log/nginx
  chmod 1777 var/tmp tmp
  ln -s ../run var/run
  ln -s ../run/lock var/lock
  for link in bin sbin lib lib32 lib64 libx32; do if [ -L "/$link" ]; then cp -P "/$link" .; fi; done
  # Folders of /etc that are written to: the machine's own have owners that do not exist inside a user namespace, so
  # they could not be copied up there.
  cd "$HOST_DIR/etc"
  mkdir -p ha.d/resource.d ha.d/rc.d ha.d/conf init.d default logrotate.d nginx/conf.d nginx/sites-enabled keepalived
  cat /etc/passwd >passwd
  cat /etc/group >group
  # Inside a user namespace files cannot be given to other users, so there are none.
  if [ -z "$OVERLAY_OPTIONS" ]; then
    grep -q '^haclient:' group || echo 'haclient:x:899:' >>group
    grep -q '^hacluster:' passwd || echo 'hacluster:x:899:899::/var/lib/heartbeat:/bin/false' >>passwd
  fi
  echo "$HOST_NAME" >hostname
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$HOST_NAME" >hosts
  # A reboot is only written down.
  for name in reboot halt poweroff shutdown init telinit; do
    printf '#!/bin/sh\necho "$(date +%%s.%%N) $0 $*" >>/var/log/reboot-calls\n' >"$HOST_DIR/usr/sbin/$name"
    chmod 755 "$HOST_DIR/usr/sbin/$name"
  done
}
[ -d "$root" ] || first_boot

mount --bind "$root" "$root"
cd "$root"
boot=0
while [ -e "$HOST_DIR/work.$boot" ]; do boot=$((boot + 1)); done
for part in usr etc; do
  lower=/$part
  for tree in $TREES; do if [ -d "../../$tree/$part" ]; then lower=$HOST_DIR/../$tree/$part:$lower; fi; done
  mkdir -p "$HOST_DIR/work.$boot/$part"
  mount -t overlay -o "lowerdir=$lower,upperdir=$HOST_DIR/$part,workdir=$HOST_DIR/work.$boot/$part$OVERLAY_OPTIONS" host "$part"
done
mount -t proc proc proc
for part in kernel vm fs; do
  mount --bind "proc/sys/$part" "proc/sys/$part"
  mount -o remount,bind,ro "proc/sys/$part"
done
if [ -e proc/sysrq-trigger ]; then mount --bind /dev/null proc/sysrq-trigger; fi
mount -t sysfs -o ro sysfs sys || echo "note: no sysfs"
mount -t tmpfs -o mode=755,size=64m run run
mount -t tmpfs -o mode=1777,size=256m tmp tmp
mount -t tmpfs -o mode=755,size=1m dev dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777,size=64m shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mkdir -p run/lock run/heartbeat/ccm run/heartbeat/crm run/heartbeat/dopd run/resource-agents
chmod 1755 run/resource-agents
mount --rbind "$CHECKOUT" opt/heartbeatd
mount -o remount,bind,ro opt/heartbeatd || echo "note: the checkout stays writable"
if [ -n "$BIND" ]; then
  mkdir -p "./$BIND"
  mount --rbind "$BIND" "./$BIND"
fi

pivot_root . mnt
cd /
umount -l /mnt
if chown -R hacluster:haclient /run/heartbeat 2>/dev/null; then chmod 750 /run/heartbeat; fi
ip link set lo up
for file in default all; do echo 0 >/proc/sys/net/ipv6/conf/$file/accept_dad || true; done 2>/dev/null
echo "ready $pid"
exec setpriv --bounding-set="$CAPS" --inh-caps="$CAPS" /bin/bash -c 'exec </dev/null >/dev/null 2>&1; sleep infinity & while :; do wait; done'
