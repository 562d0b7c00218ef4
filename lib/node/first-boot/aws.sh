# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# The verbs of AWS, signed by curl with the credentials of the instance.
at() { echo "https://$1.$CARAVAN_CLOUD_REGION.$CARAVAN_CLOUD_DNS_SUFFIX/"; }
# What only servers have:
if [ -e aws-store.sh ]; then . ./aws-store.sh; fi
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
  asking=$1
  call -K "$credentials" --aws-sigv4 "aws:amz:$CARAVAN_CLOUD_REGION:$1" "${@:2}"
}

who_am_i() {
  metadata dynamic/instance-identity/document >"$tmp/me" || fail "the metadata service does not say who this instance is"
  me=$(jq -r .instanceId "$tmp/me")
  address=$(jq -r .privateIp "$tmp/me")
}

secret() {
  aws secretsmanager -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: secretsmanager.$1" --data-binary "@$tmp/ask" \
    "$(at secretsmanager)"
}

# read_secret ENTRY FILE: false where it has no value yet
read_secret() {
  jq -n --arg id "$1" '{SecretId: $id}' >"$tmp/ask"
  secret GetSecretValue
  if ok; then jq -j .SecretString "$tmp/answer" >"$2"; elif grep -q ResourceNotFound "$tmp/answer"; then return 1; else fail "cannot read the secret $1: $(why)"; fi
}

ec2() { aws ec2 -d "Action=DescribeInstances&Version=2016-11-15&$1" "$(at ec2)"; }

# peers PRODUCT: addresses of the servers that run it
peers() {
  ec2 "Filter.1.Name=tag:caravan-$1&Filter.1.Value.1=$CARAVAN_ENVIRONMENT&Filter.2.Name=instance-state-name&Filter.2.Value.1=running&Filter.2.Value.2=pending"
  ok || fail "cannot ask EC2 for servers of $1: $(why)"
  xml privateIpAddress | sort -u
}

logs() {
  aws logs -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: Logs_20140328.$1" --data-binary "@$tmp/ask" "$(at logs)"
}

# tell STREAM EVENTS-FILE: into the environment's log group
tell() {
  jq -n --arg group "$CARAVAN_LOG_GROUP" --arg stream "$1" '{logGroupName: $group, logStreamName: $stream}' >"$tmp/ask"
  if ! [ -e "$tmp/stream" ]; then
    logs CreateLogStream
    ok || grep -q ResourceAlreadyExists "$tmp/answer" || fail "cannot write to the log group $CARAVAN_LOG_GROUP: $(why)"
    touch "$tmp/stream"
  fi
  jq -c --slurpfile events "$2" '.logEvents = $events[0]' "$tmp/ask" >"$tmp/told"
  mv "$tmp/told" "$tmp/ask"
  logs PutLogEvents
  ok || fail "the log group $CARAVAN_LOG_GROUP does not take what was said here: $(why)"
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
    --data-urlencode "AutoScalingGroupName=$group" -d "InstanceId=$me" "$(at autoscaling)"
  if ! ok; then
    log "the group was not told that this node has left: $(why)"
    return 1
  fi
}
