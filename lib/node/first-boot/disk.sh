# shellcheck shell=bash disable=SC2154
# The products' data on a volume of its own, where the node has one. It gets a filesystem only if there is nothing on it.
data=$state/data

# blank DEVICE: begins with nothing but zeros, as new volumes do, and blkid knows nothing on it
blank() {
  local code=0
  cmp -s -n 1048576 "$1" /dev/zero || code=$?
  ((code < 2)) || fail "cannot read the volume for data, $1"
  [ "$code" = 0 ] || return 1
  blkid -p "$1" >"$tmp/found" || code=$?
  [ "$code" = 2 ]
}

# mounts MOUNT-ARGUMENT...: by systemd, for what this service mounted itself no other would see
mounts() { systemd-run --quiet --wait --collect mount "$@"; }

# any_device PATH...: the first of them that is a disk
any_device() {
  local path
  for path; do if [ -b "$path" ]; then echo "$path" && return; fi; done
  return 1
}

mount_data() {
  local device kind
  device=$(data_device)
  if blank "$device"; then
    mkfs.ext4 -q -m 1 -L caravan-data "$device" || fail "cannot make a filesystem on $device"
    log "made a filesystem on the new volume for data"
  fi
  kind=$(blkid -p -s TYPE -o value "$device") || true
  [ "$kind" = ext4 ] || fail "$device holds ${kind:-something else}, no ext4 of ours, and is left as it is"
  # Up to 1 it has repaired what a power cut leaves. The volume may have grown.
  e2fsck -f -p "$device" >"$tmp/found" || (($? == 1)) || fail "the filesystem on $device is broken: $(tail -1 "$tmp/found")"
  resize2fs "$device" >"$tmp/found" 2>&1 || fail "the filesystem on $device does not grow with it: $(tail -1 "$tmp/found")"
  mkdir -p "$data"
  mounts -t ext4 -o nodev,nosuid,noexec "$device" "$data" || fail "cannot mount $device"
}

step_disk() {
  local product before=
  [ -n "${CARAVAN_DATA_DEVICE-}" ] || return 0
  mountpoint -q "$data" || mount_data
  [ ! -e "$data/instance" ] || before=$(<"$data/instance")
  for product in $CARAVAN_RUNS; do
    if mountpoint -q "/var/lib/$product"; then continue; fi
    mkdir -p "$data/$product"
    # Its number may have been another on another machine.
    chown -R "$product:$product" "$data/$product"
    chmod 700 "$data/$product"
    mounts --bind "$data/$product" "/var/lib/$product" || fail "cannot mount /var/lib/$product"
  done
  if [ "$before" = "$me" ]; then return; fi
  if [ -n "$before" ]; then
    for product in $CARAVAN_RUNS; do succeed "$product"; done
    log "this server goes on with the data of $before"
  fi
  place "$data/instance" root root 600 <<<"$me"
}

# succeed PRODUCT: a lone server is the same server at another address; raft is told so before the product starts
succeed() {
  local home=/var/lib/$1
  if [ "$1" = nomad ]; then home+=/server; fi
  if [ ! -d "$home/raft" ] || [ ! -s "$home/node-id" ] || ! born "$1"; then return; fi
  alone_in "$1"
  touch "$state/joined-$1"
}
