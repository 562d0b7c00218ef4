#!/usr/bin/env bash
# Every boot goes through all steps; what is done is seen to be done. A failure ends the run, and systemd begins it again.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154
cd /usr/local/lib/caravan || exit
. ./common.sh
. "./$CARAVAN_CLOUD.sh"

perform() {
  local step=$1
  "step_${1}"
}

# What has no room in user data: hand-overs and caravan-node. Its name is its hash, which user data holds. It is kept, for the
# bucket has that of the newest recipe only, and this server may be older when it boots again.
step_library() {
  local path library kept=$state/library
  library=$(<library)
  if ! hashed "$kept" "$library"; then
    fetch "library/$library" "$tmp/library" || fail "the bucket $CARAVAN_BUCKET has no library/$library: was Terraform applied to its end?"
    hashed "$tmp/library" "$library" || fail "library/$library is not what its name says"
    place "$kept" root root 600 <"$tmp/library"
  fi
  jq -r 'keys[]' "$kept" >"$tmp/paths"
  while read -r path <&3; do jq -j --arg path "$path" '.[$path]' "$kept" | place "$path" root root 755; done 3<"$tmp/paths"
}

# hashed FILE SHA256
hashed() { [ -e "$1" ] && [ "$(sha256sum <"$1" | cut -c-64)" = "$2" ]; }

# Where agents cannot ask the cloud for their servers, this does it for them.
step_peers() {
  local product
  [ "$CARAVAN_DISCOVERY" = addresses ] || return 0
  for product in consul nomad; do
    if ! runs "$product"; then continue; fi
    peers "$product" | jq -Rn --arg role "$CARAVAN_ROLE" --arg product "$product" '{retry_join: [inputs]} |
      if $product == "consul" then . else {($role | if . == "worker" then "client" else . end): {server_join: .}} end' |
      place "/etc/$product.d/peers.json" root "$product" 640
  done
}

who_am_i
take_name
perform peers
if [ "$CARAVAN_ROLE" = worker ]; then
  . ./status.sh
  . ./worker.sh
  perform trust
  perform worker
else
  perform library
  for part in "$CARAVAN_CLOUD-volume" recover disk document certificates hand-over vault consul snapshot introduce; do . "./$part.sh"; done
  perform disk
  perform document
  perform certificates
  for product in $CARAVAN_RUNS; do perform "$product"; done
  perform birth
  # So that the first workers need not wait for the timer.
  (do_introduce) || log "no introductions yet; the timer tries again"
  up vault-agent.service
fi
step=ready
log "$me is up: $CARAVAN_RUNS"
