# shellcheck shell=bash disable=SC2034,SC2154
# The verbs of Azure that only servers need: the cluster's container, secrets that they leave, machines that were.

# blob METHOD QUERY-OR-KEY CURL-ARGUMENT...
blob() { azure https://storage.azure.com -X "$1" -H 'x-ms-version: 2021-12-02' "${@:3}" "$CARAVAN_BUCKET$2"; }

# put KEY FILE CURL-ARGUMENT...
put() {
  limit=600 blob PUT "/$1" -T "$2" -H 'x-ms-blob-type: BlockBlob' -H 'Content-Type: application/octet-stream' \
    -H "x-ms-blob-content-md5: $(openssl dgst -md5 -binary "$2" | base64)" -H "Content-MD5: $(openssl dgst -md5 -binary "$2" | base64)" "${@:3}"
}

# create KEY FILE: $created says whether this call made it or it was there
create() {
  put "$1" "$2" -H 'If-None-Match: *'
  case $status in 2*) created=yes ;; 409 | 412) created=no ;; *) fail "cannot create $1 in $CARAVAN_BUCKET: $(why)" ;; esac
}

# replace KEY FILE: what was fetched just now, if it is still that
replace() {
  put "$1" "$2" -H "If-Match: $(sed -n 's/^etag: *\([^\r]*\).*/\1/Ip' "$tmp/headers" | tail -1)"
}

# write KEY FILE CURL-ARGUMENT...
write() {
  put "$@"
  ok || fail "cannot write $1 to $CARAVAN_BUCKET: $(why)"
}

# fetch KEY FILE: false where there is none
fetch() {
  into=$2 limit=600 blob GET "/$1"
  case $status in 2*) ;; 404) return 1 ;; *) fail "cannot read $1 in $CARAVAN_BUCKET: $(why)" ;; esac
}

list() {
  local marker=
  while :; do
    blob GET "?restype=container&comp=list&prefix=${1//\//%2F}&marker=$marker"
    ok || fail "cannot list $1 in $CARAVAN_BUCKET: $(why)"
    grep -o '<Name>[^<]*' "$tmp/answer" | cut -d'>' -f2 || true
    marker=$(grep -o '<NextMarker>[^<]*' "$tmp/answer" | cut -d'>' -f2 | jq -sRr 'rtrimstr("\n") | @uri') || true
    [ -n "$marker" ] || return 0
  done
}

# keep KEY FILE DAYS: for so long nobody who takes over this node deletes it
keep() {
  write "$1" "$2" -H 'x-ms-immutability-policy-mode: unlocked' \
    -H "x-ms-immutability-policy-until-date: $(date -u -d "+$3 days" '+%a, %d %b %Y %T GMT')"
}

delete() {
  blob DELETE "/$1"
  ok || fail "cannot delete $1 in $CARAVAN_BUCKET: $(why)"
}

# write_secret ADDRESS FILE. Each write is a new version: what this cluster has written once is not written again.
write_secret() {
  local mark
  mark=written/$({ echo "$1" && cat "$2"; } | sha256sum | cut -c-64)
  if fetch "$mark" "$tmp/mark"; then return; fi
  jq -n --rawfile text "$2" '{value: $text, contentType: "text/plain"}' >"$tmp/ask"
  azure https://vault.azure.net -X PUT -H 'Content-Type: application/json' --data-binary "@$tmp/ask" "$1?api-version=7.4"
  ok || fail "cannot write the secret $1: $(why)"
  date -u +%FT%TZ >"$tmp/mark"
  create "$mark" "$tmp/mark"
}

# gone VM-ID: true only if it can never come back. When in doubt it can: no scale set of servers has it, and all were asked.
gone() {
  local group
  for group in $CARAVAN_SCALE_SETS; do
    pages "$resources/virtualMachineScaleSets/$group/virtualMachines?api-version=2023-09-01" >"$tmp/machines" || return
    if grep -qF "\"vmId\":\"$1\"" "$tmp/machines"; then return 1; fi
  done
}

# sign_in FILE: with the identity of the machine; Vault's token is in the file then
sign_in() {
  local file
  file=$(identity https://management.azure.com/)
  sed 's/.*Bearer //; s/"$//' "$file" | jq -Rs --arg role "$CARAVAN_NODE_ROLE" --slurpfile me "$tmp/me" '{$role, jwt: rtrimstr("\n"),
    subscription_id: $me[0].compute.subscriptionId, resource_group_name: $me[0].compute.resourceGroupName,
    vmss_name: $me[0].compute.vmScaleSetName}' >"$tmp/body"
  api vault POST auth/node/login "$tmp/body"
  ok || fail "Vault does not let this node in as $CARAVAN_NODE_ROLE: $(why)"
  jq -j .auth.client_token "$tmp/answer" >"$1"
}
