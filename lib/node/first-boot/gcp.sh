# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# The verbs of Google Cloud, as the service account of the instance.
compute=https://compute.googleapis.com/compute/v1/projects/$CARAVAN_PROJECT
# What only servers have:
if [ -e gcp-store.sh ]; then . ./gcp-store.sh; fi

metadata() { curl -sf -m 5 -H 'Metadata-Flavor: Google' "http://169.254.169.254/computeMetadata/v1/$1"; }

# google CURL-ARGUMENT...
google() {
  local credentials=/run/caravan/credentials
  if [ -z "$(find "$credentials" -mmin -5 2>/dev/null)" ]; then
    metadata instance/service-accounts/default/token |
      jq -r '"header = \"Authorization: Bearer \(.access_token)\""' >"$tmp/credentials" || true
    [ -s "$tmp/credentials" ] || fail "the metadata service gives no token: has the instance its service account?"
    mv "$tmp/credentials" "$credentials"
  fi
  call -K "$credentials" "$@"
}

who_am_i() {
  # Its id is a number of 19 digits, of which jq would keep 17.
  { metadata 'instance/?recursive=true' >"$tmp/me" && me=$(metadata instance/id); } ||
    fail "the metadata service does not say who this instance is"
  address=$(jq -r '.networkInterfaces[0].ip' "$tmp/me")
}

secret_manager() {
  asking="Secret Manager"
  google "https://secretmanager.googleapis.com/v1/$1" "${@:2}"
}

# read_secret ENTRY FILE: false where it has no version yet
read_secret() {
  secret_manager "$1/versions/latest:access"
  if ok; then jq -j .payload.data "$tmp/answer" | base64 -d >"$2"; elif [ "$status" = 404 ]; then return 1; else fail "cannot read the secret $1: $(why)"; fi
}

# instances FILTER: those of the project in all zones, one a line; false where a zone did not answer
instances() {
  local page=
  while :; do
    asking="Compute Engine"
    google -G --data-urlencode "filter=$1" -d "pageToken=$page" -d maxResults=500 -d returnPartialSuccess=false "$compute/aggregated/instances"
    ok && holds "$tmp/answer" '(.unreachables // []) == []' || return
    jq -c '.items // {} | .[].instances // [] | .[]' "$tmp/answer"
    page=$(jq -r '.nextPageToken // empty | @uri' "$tmp/answer")
    [ -n "$page" ] || return 0
  done
}

# peers PRODUCT: addresses of the servers that run it
peers() {
  instances "labels.caravan-$1=$CARAVAN_ENVIRONMENT AND (status=RUNNING OR status=STAGING OR status=PROVISIONING)" >"$tmp/instances" ||
    fail "cannot ask Compute Engine for servers of $1: $(why)"
  jq -r '.networkInterfaces[0].networkIP // empty' "$tmp/instances" | sort -u
}

# tell STREAM EVENTS-FILE: into the environment's log
tell() {
  jq -c --arg log "$CARAVAN_LOG_GROUP" --arg stream "$1" --arg project "$CARAVAN_PROJECT" --arg id "$me" --slurpfile me "$tmp/me" '
    {logName: $log, labels: {node: $stream},
      resource: {type: "gce_instance", labels: {project_id: $project, instance_id: $id, zone: ($me[0].zone | split("/") | last)}},
      entries: map({timestamp: ((.timestamp / 1000 | floor | todate | rtrimstr("Z")) + ".\("\(.timestamp % 1000 + 1000)"[1:])Z"), textPayload: .message})}' "$2" >"$tmp/told"
  asking="Cloud Logging"
  google -H 'Content-Type: application/json' --data-binary "@$tmp/told" https://logging.googleapis.com/v2/entries:write
  ok || fail "the log $CARAVAN_LOG_GROUP does not take what was said here: $(why)"
}

# What the cloud has in mind with this instance, if it is to end.
notice() {
  if [ "$(metadata instance/preempted 2>/dev/null)" = TRUE ]; then echo spot; fi
}

# No group waits for an instance that leaves.
lifecycle_done() { :; }

# ends: whether this instance shuts down because its group takes it away. The cloud tells an instance nothing before.
ends() {
  metadata instance/attributes/created-by | sed 's|^projects/[^/]*/||' >"$tmp/group" || return
  jq -r '"filter=instance eq .*/\(.name)"' "$tmp/me" >"$tmp/filter"
  tries=1 limit=5 google -X POST -G --data-urlencode "@$tmp/filter" "$compute/$(<"$tmp/group")/listManagedInstances"
  ok && holds "$tmp/answer" '.managedInstances[0].currentAction | IN("DELETING", "RECREATING")'
}

# ending: where a cloud tells a machine nothing before it shuts down, the watch asks when it does
do_ending() {
  if [ "$(systemctl is-system-running)" = stopping ] && ends; then
    log "the cloud ends this instance"
    do_leave
  fi
}
