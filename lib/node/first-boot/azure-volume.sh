# shellcheck shell=bash disable=SC2154
# Azure's verb for the disk that the products' data is on.

# data_device: its path, after the disk that outlives its machines was attached, if it is such a one
data_device() {
  local paths lun=$CARAVAN_DATA_DEVICE machine
  machine=https://management.azure.com$(jq -r .compute.resourceId "$tmp/me")
  # On NVMe a disk is found by azure-vm-utils, on SCSI by the agent of Azure.
  paths=("/dev/disk/azure/data/by-lun/$lun" "/dev/disk/azure/scsi1/lun$lun")
  if [ -n "${CARAVAN_DATA_VOLUME-}" ] && ! any_device "${paths[@]}" >/dev/null; then
    jq -n --arg disk "$CARAVAN_DATA_VOLUME" --argjson lun "$lun" '{dataDisksToAttach: [{diskId: $disk, lun: $lun}]}' >"$tmp/ask"
    arm -H 'Content-Type: application/json' --data-binary "@$tmp/ask" "$machine/attachDetachDataDisks?api-version=2024-03-01"
    ok || fail "cannot attach $CARAVAN_DATA_VOLUME: $(why). It is tried again: a machine that still has it must end first"
    log "attached $CARAVAN_DATA_VOLUME"
  fi
  wait_for 120 "the disk at LUN $lun shows" any_device "${paths[@]}" >&2
  any_device "${paths[@]}"
}
