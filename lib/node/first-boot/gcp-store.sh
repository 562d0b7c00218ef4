# shellcheck shell=bash disable=SC2034,SC2154
# The verbs of Google Cloud that only servers need: the cluster's bucket, secrets that they leave, instances that were.
objects=https://storage.googleapis.com/storage/v1/b/$CARAVAN_BUCKET/o

uri() { jq -nr --arg text "$1" '$text | @uri'; }

storage() {
  asking="Cloud Storage"
  google "$@"
}

# put KEY FILE QUERY
put() {
  limit=600 storage -X POST -T "$2" -H 'Content-Type: application/octet-stream' \
    "https://storage.googleapis.com/upload/storage/v1/b/$CARAVAN_BUCKET/o?uploadType=media&name=$(uri "$1")$3"
}

# create KEY FILE: $created says whether this call made it or it was there
create() {
  put "$1" "$2" '&ifGenerationMatch=0'
  case $status in 2*) created=yes ;; 412) created=no ;; *) fail "cannot create $1 in the bucket $CARAVAN_BUCKET: $(why)" ;; esac
}

# replace KEY FILE: what was fetched just now, if it is still that
replace() {
  put "$1" "$2" "&ifGenerationMatch=$(sed -n 's/^x-goog-generation: *\([0-9]*\).*/\1/Ip' "$tmp/headers" | tail -1)"
}

# write KEY FILE
write() {
  put "$1" "$2" ''
  ok || fail "cannot write $1 to the bucket $CARAVAN_BUCKET: $(why)"
}

# fetch KEY FILE: false where there is none
fetch() {
  into=$2 limit=600 storage "$objects/$(uri "$1")?alt=media"
  case $status in 2*) ;; 404) return 1 ;; *) fail "cannot read $1 in the bucket $CARAVAN_BUCKET: $(why)" ;; esac
}

list() {
  local page=
  while :; do
    storage -G --data-urlencode "prefix=$1" -d "pageToken=$page" -d 'fields=items(name),nextPageToken' "$objects"
    ok || fail "cannot list $1 in the bucket $CARAVAN_BUCKET: $(why)"
    jq -r '.items // [] | .[].name' "$tmp/answer"
    page=$(jq -r '.nextPageToken // empty | @uri' "$tmp/answer")
    [ -n "$page" ] || return 0
  done
}

# keep KEY FILE DAYS: for so long nobody who takes over this node deletes it
keep() {
  write "$1" "$2"
  jq -n --arg until "$(date -u -d "+$3 days" +%FT%TZ)" '{retention: {mode: "Unlocked", retainUntilTime: $until}}' >"$tmp/ask"
  storage -X PATCH -H 'Content-Type: application/json' --data-binary "@$tmp/ask" "$objects/$(uri "$1")"
  ok || fail "cannot lock $1 in the bucket $CARAVAN_BUCKET: $(why)"
}

delete() {
  storage -X DELETE "$objects/$(uri "$1")"
  ok || fail "cannot delete $1 in the bucket $CARAVAN_BUCKET: $(why)"
}

# write_secret ENTRY FILE. Each write is a new version: what this cluster has written once is not written again.
write_secret() {
  local mark
  mark=written/$({ echo "$1" && cat "$2"; } | sha256sum | cut -c-64)
  if fetch "$mark" "$tmp/mark"; then return; fi
  base64 -w0 "$2" | jq -Rs '{payload: {data: .}}' >"$tmp/ask"
  secret_manager "$1:addVersion" -H 'Content-Type: application/json' --data-binary "@$tmp/ask"
  ok || fail "cannot write the secret $1: $(why)"
  date -u +%FT%TZ >"$tmp/mark"
  create "$mark" "$tmp/mark"
}

# gone INSTANCE: true only if it can never come back. When in doubt it can.
gone() {
  instances "id=$1" >"$tmp/instances" || return
  [ ! -s "$tmp/instances" ]
}

# sign_in FILE: with the service account of the instance; Vault's token is in the file then
sign_in() {
  metadata "instance/service-accounts/default/identity?audience=http%3A%2F%2Fvault%2F$CARAVAN_NODE_ROLE&format=full" |
    jq -Rs --arg role "$CARAVAN_NODE_ROLE" '{$role, jwt: rtrimstr("\n")}' >"$tmp/body" || fail "the metadata service signs no identity"
  api vault POST auth/node/login "$tmp/body"
  ok || fail "Vault does not let this node in as $CARAVAN_NODE_ROLE: $(why)"
  jq -j .auth.client_token "$tmp/answer" >"$1"
}
