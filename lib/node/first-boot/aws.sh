# shellcheck shell=bash disable=SC2034,SC2154
# The verbs of AWS, signed by curl with the credentials of the instance.
bucket=https://s3.$CARAVAN_CLOUD_REGION.amazonaws.com/$CARAVAN_BUCKET
xml() { grep -o "<$1>[^<]*" "$tmp/answer" | cut -d'>' -f2 || true; }

metadata() {
  curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token |
    { printf 'X-aws-ec2-metadata-token: '; cat; } |
    curl -sf -m 5 -H @- "http://169.254.169.254/latest/$1"
}

# aws SERVICE CURL-ARGUMENT...
aws() {
  local role credentials=/run/caravan/credentials
  if [ -z "$(find "$credentials" -mmin -5 2>/dev/null)" ]; then
    role=$(metadata meta-data/iam/security-credentials/) || true
    metadata "meta-data/iam/security-credentials/$role" |
      jq -r '"user = \"\(.AccessKeyId):\(.SecretAccessKey)\"\nheader = \"X-Amz-Security-Token: \(.Token)\""' >"$tmp/credentials" || true
    [ -s "$tmp/credentials" ] ||
      fail "the metadata service gives no credentials: is the instance profile there?"
    mv "$tmp/credentials" "$credentials"
  fi
  call -K "$credentials" --aws-sigv4 "aws:amz:$CARAVAN_CLOUD_REGION:$1" "${@:2}"
}

# S3 wants to be told the hash of what is sent, also of nothing.
s3() { aws s3 -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -c-64)" "$@"; }

who_am_i() {
  metadata dynamic/instance-identity/document >"$tmp/me" || fail "the metadata service does not say who this instance is"
  me=$(jq -r .instanceId "$tmp/me")
  address=$(jq -r .privateIp "$tmp/me")
}

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

secret() {
  aws secretsmanager -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: secretsmanager.$1" --data-binary "@$tmp/ask" \
    "https://secretsmanager.$CARAVAN_CLOUD_REGION.amazonaws.com/"
}

# write_secret ENTRY FILE. The version's name is the content's hash: the same again is no new version.
write_secret() {
  jq -n --arg id "$1" --arg version "$(sha256sum "$2" | cut -c-64)" --rawfile text "$2" \
    '{SecretId: $id, ClientRequestToken: $version, SecretString: $text}' >"$tmp/ask"
  secret PutSecretValue
  ok || fail "cannot write the secret $1: $(why)"
}

# read_secret ENTRY FILE: false where it has no value yet
read_secret() {
  jq -n --arg id "$1" '{SecretId: $id}' >"$tmp/ask"
  secret GetSecretValue
  if ok; then jq -j .SecretString "$tmp/answer" >"$2"; elif grep -q ResourceNotFound "$tmp/answer"; then return 1; else fail "cannot read the secret $1: $(why)"; fi
}

ec2() { aws ec2 -d "Action=DescribeInstances&Version=2016-11-15&$1" "https://ec2.$CARAVAN_CLOUD_REGION.amazonaws.com/"; }

# gone INSTANCE: true only if it can never come back. When in doubt it can.
gone() {
  ec2 "InstanceId.1=$1"
  if ok; then grep -q '<name>terminated<' "$tmp/answer"; else grep -q InvalidInstanceID "$tmp/answer"; fi
}

# peers PRODUCT: addresses of the servers that run it
peers() {
  ec2 "Filter.1.Name=tag:caravan-$1&Filter.1.Value.1=$CARAVAN_ENVIRONMENT&Filter.2.Name=instance-state-name&Filter.2.Value.1=running&Filter.2.Value.2=pending"
  ok || fail "cannot ask EC2 for servers of $1: $(why)"
  xml privateIpAddress | sort -u
}

# What the cloud has in mind with this instance, if it is to end.
notice() {
  if [ "$(metadata meta-data/autoscaling/target-lifecycle-state 2>/dev/null)" = Terminated ]; then echo lifecycle; fi
  if metadata meta-data/spot/instance-action >/dev/null 2>&1; then echo spot; fi
}

# The group waits for this before it ends the instance.
lifecycle_done() {
  local group
  ec2 "InstanceId.1=$me"
  group=$(tr -d "\n" <"$tmp/answer" | sed -n "s/.*<key>aws:autoscaling:groupName<\/key> *<value>\([^<]*\).*/\1/p")
  aws autoscaling -d 'Action=CompleteLifecycleAction&Version=2011-01-01&LifecycleActionResult=CONTINUE&LifecycleHookName=caravan-leave' \
    --data-urlencode "AutoScalingGroupName=$group" -d "InstanceId=$me" "https://autoscaling.$CARAVAN_CLOUD_REGION.amazonaws.com/"
  ok || log "the group was not told that this node has left: $(why)"
}
