# shellcheck shell=bash disable=SC2154
# AWS's verb for the volume that the products' data is on.

# volume_here: the id of what is attached as the device for data
volume_here() {
  ec2 "InstanceId.1=$me"
  ok || fail "cannot ask EC2 for this instance's volumes: $(why)"
  tr -d '\n' <"$tmp/answer" | sed -n "s|.*<deviceName>$CARAVAN_DATA_DEVICE</deviceName>[^/]*<volumeId>\([^<]*\).*|\1|p"
}

# data_device: its path, after the volume that outlives its machines was attached, if it is such a one
data_device() {
  local volume paths
  volume=$(volume_here)
  if [ -z "$volume" ]; then
    volume=${CARAVAN_DATA_VOLUME:?no volume for data is attached and none is named}
    aws ec2 -d "Action=AttachVolume&Version=2016-11-15&VolumeId=$volume&InstanceId=$me&Device=$CARAVAN_DATA_DEVICE" \
      "$(at ec2)"
    ok || fail "cannot attach $volume: $(why). It is tried again: a machine that still has it must end first"
    log "attached $volume"
  fi
  # On Nitro a volume bears its id, on Xen its device's letter.
  paths=("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume/-/}" "/dev/xvd${CARAVAN_DATA_DEVICE#/dev/sd}")
  wait_for 120 "the volume $volume shows as a disk" any_device "${paths[@]}" >&2
  any_device "${paths[@]}"
}
