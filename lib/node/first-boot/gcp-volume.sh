# shellcheck shell=bash disable=SC2154
# Google Cloud's verb for the disk that the products' data is on. The group attaches it; that of a lone server is stateful, and
# comes back with the instance.

# data_device: its path
data_device() {
  local path=/dev/disk/by-id/google-$CARAVAN_DATA_DEVICE
  wait_for 120 "the disk $CARAVAN_DATA_DEVICE shows" any_device "$path" >&2
  echo "$path"
}
