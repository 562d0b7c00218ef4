# shellcheck shell=bash disable=SC2034,SC2154
# The verbs of AWS that only servers need: the cluster's bucket, secrets that they leave, instances that were.
bucket=$(at s3)$CARAVAN_BUCKET

# S3 wants to be told the hash of what is sent, also of nothing.
s3() { aws s3 -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -c-64)" "$@"; }

# put KEY FILE CURL-ARGUMENT...
put() {
  limit=600 aws s3 -T "$2" -H "x-amz-content-sha256: $(sha256sum "$2" | cut -c-64)" \
    -H "x-amz-checksum-sha256: $(openssl dgst -sha256 -binary "$2" | base64)" -H 'x-amz-sdk-checksum-algorithm: SHA256' -H 'x-amz-server-side-encryption: aws:kms' \
    -H "x-amz-server-side-encryption-aws-kms-key-id: $CARAVAN_BUCKET_KEY" "${@:3}" "$bucket/$1"
}

# create KEY FILE: $created says whether this call made it or it was there
create() {
  put "$1" "$2" -H 'If-None-Match: *'
  case $status in 2*) created=yes ;; 412) created=no ;; *) fail "cannot create $1 in the bucket $CARAVAN_BUCKET: $(why)" ;; esac
}

# replace KEY FILE: what was fetched just now, if it is still that
replace() {
  put "$1" "$2" -H "If-Match: $(sed -n 's/^etag: *\([^\r]*\).*/\1/Ip' "$tmp/headers" | tail -1)"
}

# write KEY FILE CURL-ARGUMENT...
write() {
  put "$@"
  ok || fail "cannot write $1 to the bucket $CARAVAN_BUCKET: $(why)"
}

# fetch KEY FILE: false where there is none
fetch() {
  into=$2 limit=600 s3 "$bucket/$1"
  case $status in 2*) ;; 404) return 1 ;; *) fail "cannot read $1 in the bucket $CARAVAN_BUCKET: $(why)" ;; esac
}

list() {
  local after='' keys
  while :; do
    s3 "$bucket?list-type=2&prefix=${1//\//%2F}&start-after=${after//\//%2F}"
    ok || fail "cannot list $1 in the bucket $CARAVAN_BUCKET: $(why)"
    keys=$(xml Key)
    [ -n "$keys" ] || return 0
    echo "$keys"
    after=${keys##*$'\n'}
  done
}

# keep KEY FILE DAYS: for so long nobody who takes over this node deletes it
keep() {
  write "$1" "$2" -H 'x-amz-object-lock-mode: GOVERNANCE' -H "x-amz-object-lock-retain-until-date: $(date -u -d "+$3 days" +%FT%TZ)"
}

delete() {
  s3 -X DELETE "$bucket/$1"
  ok || fail "cannot delete $1 in the bucket $CARAVAN_BUCKET: $(why)"
}

# write_secret ENTRY FILE. The version's name is the content's hash: the same again is no new version.
write_secret() {
  jq -n --arg id "$1" --arg version "$(sha256sum "$2" | cut -c-64)" --rawfile text "$2" \
    '{SecretId: $id, ClientRequestToken: $version, SecretString: $text}' >"$tmp/ask"
  secret PutSecretValue
  ok || fail "cannot write the secret $1: $(why)"
}

# gone INSTANCE: true only if it can never come back. When in doubt it can.
gone() {
  ec2 "InstanceId.1=$1"
  if ok; then grep -q '<name>terminated<' "$tmp/answer"; else grep -q InvalidInstanceID "$tmp/answer"; fi
}

# sign_in FILE: with the role of the instance; Vault's token is in the file then
sign_in() {
  local at=127.0.0.1
  runs vault || at=$CARAVAN_VAULT_HOST
  VAULT_ADDR=https://$at:8200 VAULT_CACERT=$ca HOME=$tmp vault login -token-only -method=aws -path=node "role=$CARAVAN_NODE_ROLE" \
    "region=$CARAVAN_CLOUD_REGION" "header_value=$CARAVAN_VAULT_HOST" >"$1" 2>"$tmp/curl" ||
    fail "Vault does not let this node in as $CARAVAN_NODE_ROLE: $(tr -s ' \n' ' ' <"$tmp/curl" | head -c 300)"
}
