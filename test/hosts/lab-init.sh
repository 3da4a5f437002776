#!/bin/bash
# First process of a laboratory: the namespaces in which the switches (bridges) stand and under which all its test
# hosts live. It keeps the machine's /proc, so the number it prints is the one the test process knows it by.
# It ends, and the kernel ends every host with it, when its standard input closes (the test process is gone, in
# whatever way) or after LAB_LIFE seconds.
# In: LAB_DIR an existing directory, LAB_LIFE seconds, TREES the cached trees to hold ready under LAB_DIR (blanks between).
set -eu
mount -t tmpfs -o mode=755,size=1g lab "$LAB_DIR"
# Copied, because overlayfs refuses a lower tree that lies inside another one ("/").
for tree in $TREES; do cp -rP --preserve=mode,links "$tree" "$LAB_DIR/"; done
ip link set lo up
read -r pid _ </proc/self/stat
echo "ready $pid"
end=$((SECONDS + LAB_LIFE))
while [ $SECONDS -lt $end ]; do
  read -r -t 5 line && status=0 || status=$?
  # 1: end of file. Above 128: only the five seconds are over.
  if [ "$status" = 1 ]; then exit 0; fi
done
