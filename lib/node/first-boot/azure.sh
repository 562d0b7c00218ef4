# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# The verbs of Azure, as the managed identity of the machine.
resources=https://management.azure.com/subscriptions/$CARAVAN_SUBSCRIPTION/resourceGroups/$CARAVAN_RESOURCE_GROUP/providers/Microsoft.Compute
# What only servers have:
if [ -e azure-store.sh ]; then . ./azure-store.sh; fi

# metadata PATH CURL-ARGUMENT...
metadata() { curl -sf -m 5 -H 'Metadata: true' "${@:2}" "http://169.254.169.254/metadata/$1"; }

# identity RESOURCE: a token of the machine's identity for it, in a file for curl
identity() {
  local file
  file=/run/caravan/token-$(tr -c 'a-z\n' - <<<"$1")
  if [ -z "$(find "$file" -mmin -5 2>/dev/null)" ]; then
    metadata 'identity/oauth2/token?api-version=2018-02-01' -G --data-urlencode "resource=$1" |
      jq -r '"header = \"Authorization: Bearer \(.access_token)\""' >"$tmp/token-asked" || true
    [ -s "$tmp/token-asked" ] || fail "the metadata service gives no token for $1: has the machine its managed identity?"
    mv "$tmp/token-asked" "$file"
  fi
  echo "$file"
}

# azure RESOURCE CURL-ARGUMENT...
azure() {
  local file
  file=$(identity "$1")
  asking=$1
  call -K "$file" "${@:2}"
}

arm() { azure https://management.azure.com/ "$@"; }

who_am_i() {
  metadata 'instance?api-version=2021-02-01' >"$tmp/me" || fail "the metadata service does not say who this machine is"
  me=$(jq -r .compute.vmId "$tmp/me")
  address=$(jq -r '.network.interface[0].ipv4.ipAddress[0].privateIpAddress' "$tmp/me")
}

# read_secret ADDRESS FILE: false where it has no value yet
read_secret() {
  azure https://vault.azure.net "$1?api-version=7.4"
  if ok; then jq -j .value "$tmp/answer" >"$2"; elif grep -q SecretNotFound "$tmp/answer"; then return 1; else fail "cannot read the secret $1: $(why)"; fi
}

# pages ADDRESS: the entries of a list, however many answers it takes, one a line
pages() {
  local next=$1
  while [ -n "$next" ]; do
    arm "$next"
    ok || return
    jq -c '.value[]' "$tmp/answer"
    next=$(jq -r '.nextLink // empty' "$tmp/answer")
  done
}

# peers PRODUCT: addresses of the servers that run it
peers() {
  local group=CARAVAN_${1^^}_SCALE_SET
  pages "$resources/virtualMachineScaleSets/${!group}/networkInterfaces?api-version=2018-10-01" >"$tmp/interfaces" ||
    fail "cannot ask for servers of $1: $(why)"
  jq -r '.properties.ipConfigurations[].properties.privateIPAddress' "$tmp/interfaces" | sort -u
}

# tell STREAM EVENTS-FILE: into the environment's log
tell() {
  jq -c --arg stream "$1" 'map({TimeGenerated: ((.timestamp / 1000 | floor | todate | rtrimstr("Z")) + ".\("\(.timestamp % 1000 + 1000)"[1:])Z"), Node: $stream, Message: .message})' "$2" >"$tmp/told"
  azure https://monitor.azure.com -H 'Content-Type: application/json' --data-binary "@$tmp/told" "$CARAVAN_LOG_GROUP?api-version=2023-01-01"
  ok || fail "the log $CARAVAN_LOG_GROUP does not take what was said here: $(why)"
}

# What the cloud has in mind with this machine, if it is to end.
notice() {
  metadata 'scheduledevents?api-version=2020-07-01' >"$tmp/events" 2>/dev/null || return 0
  jq -r --slurpfile me "$tmp/me" '.Events[] | select(.Resources | index($me[0].compute.name)) |
    {Terminate: "lifecycle", Preempt: "spot"}[.EventType] // empty' "$tmp/events"
}

# The scale set waits for this before it ends the machine.
lifecycle_done() {
  metadata 'scheduledevents?api-version=2020-07-01' |
    jq --slurpfile me "$tmp/me" '{StartRequests: [.Events[] | select(.Resources | index($me[0].compute.name)) | {EventId}]}' >"$tmp/body" &&
    metadata 'scheduledevents?api-version=2020-07-01' --data-binary "@$tmp/body" >"$tmp/answer"
}
