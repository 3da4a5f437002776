#!/bin/sh
# Makes the file trees that test hosts lay over the machine's own root:
#   .cache/tools/      nginx, tcpdump, nft, ping, arping, keepalived ... as far as the machine lacks them
#   .cache/heartbeat3/ Linux-HA Heartbeat 3.0.6 as Debian and Ubuntu ship it; empty where they do not
# Packages are downloaded and unpacked, never installed: no daemon of theirs ever runs outside a test host.
# Works as an ordinary user too, as long as apt's package lists are there. Prints nothing when all is in place.
set -eu
cd "$(dirname "$0")/../.."
cache=$PWD/.cache
tools='nginx keepalived tcpdump nftables iputils-ping iputils-arping curl socat net-tools iproute2 procps'
form=3
stamp="form $form: $tools"
if [ -f "$cache/test-root.stamp" ] && [ "$(cat "$cache/test-root.stamp")" = "$stamp" ]; then exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "test-root: needs apt-get and dpkg-deb (Debian or Ubuntu)" >&2; exit 3; }

# wanted PACKAGE...: what apt would have to install for these, by name; fails when one of them is unknown
wanted() {
  simulated=$(apt-get -s --no-install-recommends install "$@" 2>/dev/null) || return 1
  echo "$simulated" | awk '$1 == "Inst" { print $2 }'
}

plan() {
  # The simulation for Heartbeat must include the tools, or apt may choose another provider of the same command.
  # shellcheck disable=SC2086
  for_tools=$(wanted $tools) || return 1
  # shellcheck disable=SC2086
  for_all=$(wanted $tools heartbeat) || for_all=$for_tools
  for_heartbeat=$(for name in $for_all; do case " $(echo $for_tools) " in *" $name "*) ;; *) echo "$name" ;; esac; done)
}

fetch() {
  mkdir -p "$cache/debs"
  [ -n "$for_all" ] || return 0
  # shellcheck disable=SC2086
  (cd "$cache/debs" && rm -f ./*.deb && apt-get -q download $for_all >"$cache/download.log" 2>&1)
}

if ! { plan && fetch; }; then
  if [ "$(id -u)" != 0 ]; then
    echo "test-root: cannot download the packages; let root run 'apt-get update' and try again (see .cache/download.log)" >&2
    exit 3
  fi
  apt-get -q update >/dev/null 2>&1 || true
  { plan && fetch; } || { echo "test-root: cannot download: see .cache/download.log" >&2; exit 3; }
fi

# unpack TREE PACKAGE...
unpack() {
  tree=$cache/$1
  shift
  rm -rf "$tree.new"
  mkdir -p "$tree.new"
  for name in "$@"; do
    for deb in "$cache/debs/${name%%:*}"_*.deb; do dpkg-deb -x "$deb" "$tree.new"; done
  done
  # A real /bin in an upper layer would hide the machine's link /bin -> usr/bin.
  for dir in bin sbin lib lib64; do
    if [ -L "/$dir" ] && [ -d "$tree.new/$dir" ] && [ ! -L "$tree.new/$dir" ]; then
      mkdir -p "$tree.new/usr/$dir"
      cp -a "$tree.new/$dir/." "$tree.new/usr/$dir/"
      rm -rf "${tree:?}.new/$dir"
    fi
  done
  rm -rf "$tree.new/usr/share/doc" "$tree.new/usr/share/man" "$tree.new/usr/share/locale" "$tree.new/usr/include" "$tree.new/var/run" "$tree"
  mv "$tree.new" "$tree"
}
# shellcheck disable=SC2086
unpack tools $for_tools
# shellcheck disable=SC2086
unpack heartbeat3 $for_heartbeat
rm -rf "$cache/debs"
echo "$stamp" >"$cache/test-root.stamp"
