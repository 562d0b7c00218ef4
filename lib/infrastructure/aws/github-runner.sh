#!/usr/bin/env bash
# Makes this machine a runner of GitHub for one job, then switches it off: Auto Scaling replaces it by a fresh one.
# Whoever signs in here is a GitHub App whose key is in KMS and never leaves it. What this is for stands above: API,
# REPOSITORY, APP, INSTALLATION, KEY, REGION, LABELS, GROUP.
set -euo pipefail
shopt -s inherit_errexit

home=${RUNNER_HOME:-/opt/actions-runner}
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
kms=${AWS_ENDPOINT_URL_KMS:-https://kms.$REGION.amazonaws.com}

# Off in any case: what fails here is tried again by the next machine, not at once.
finish() {
  [ "$1" -eq 0 ] || { echo "caravan-runner: failed ($1)"; sleep "${RETRY_SECONDS:-300}"; }
  systemctl poweroff
}
trap 'finish $?' EXIT

ask() { curl --silent --show-error --fail --max-time 60 --retry 5 --retry-connrefused "$@"; }
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# Secrets go to curl by its standard input: a command line is everybody's to read.
header() { printf 'header = "%s"\n' "$1"; }

session=$(ask --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/latest/api/token")
metadata() { header "X-aws-ec2-metadata-token: $session" | ask --config - "$imds/latest/$1"; }

sign() {
  local role credentials id secret token
  role=$(metadata meta-data/iam/security-credentials/)
  credentials=$(metadata "meta-data/iam/security-credentials/$role")
  id=$(field AccessKeyId <<< "$credentials")
  secret=$(field SecretAccessKey <<< "$credentials")
  token=$(field Token <<< "$credentials")
  { printf 'user = "%s:%s"\n' "$id" "$secret"; header "X-Amz-Security-Token: $token"; } |
    ask --config - --aws-sigv4 "aws:amz:$REGION:kms" "$kms/" \
      --header 'Content-Type: application/x-amz-json-1.1' --header 'X-Amz-Target: TrentService.Sign' \
      --data "{\"KeyId\":\"$KEY\",\"Message\":\"$1\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"RSASSA_PKCS1_V1_5_SHA_256\"}" |
    field Signature | openssl base64 -d -A | base64url
}

github() {
  local token=$1 method=$2 path=$3
  shift 3
  { header "Authorization: Bearer $token"; } |
    ask --config - --request "$method" --header 'Accept: application/vnd.github+json' \
      --header 'X-GitHub-Api-Version: 2022-11-28' "$API/$path" "$@"
}

now=$(date +%s)
claims=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url).$(
  printf '{"iat":%d,"exp":%d,"iss":"%s"}' $((now - 60)) $((now + 300)) "$APP" | base64url
)
app="$claims.$(sign "$(printf '%s' "$claims" | openssl base64 -A)")"
token=$(github "$app" POST "app/installations/$INSTALLATION/access_tokens" \
  --data "{\"repositories\":[\"${REPOSITORY#*/}\"],\"permissions\":{\"administration\":\"write\"}}" | field token)

case $(uname -m) in
  x86_64) architecture=x64 ;;
  aarch64) architecture=arm64 ;;
esac
# GitHub itself says which version it takes, and its checksum.
read -r url checksum < <(github "$token" GET "repos/$REPOSITORY/actions/runners/downloads" | python3 -c '
import json, sys
print(next(" ".join([each["download_url"], each["sha256_checksum"]]) for each in json.load(sys.stdin)
           if each["os"] == "linux" and each["architecture"] == sys.argv[1]))' "$architecture")
id runner > /dev/null 2>&1 || useradd --create-home --shell /bin/bash runner
install -d -o runner -g runner "$home"
ask --location --max-time 600 --output "$home/runner.tar.gz" "$url"
echo "$checksum  $home/runner.tar.gz" | sha256sum --check --quiet
tar --extract --gzip --file "$home/runner.tar.gz" --directory "$home" --no-same-owner
chown -R runner:runner "$home"

name="$(metadata meta-data/instance-id)"
jit=$(github "$token" POST "repos/$REPOSITORY/actions/runners/generate-jitconfig" \
  --data "{\"name\":\"$name\",\"runner_group_id\":$GROUP,\"labels\":$LABELS,\"work_folder\":\"_work\"}" |
  field encoded_jit_config)
github "$token" DELETE installation/token

# A job is somebody's code: it gets neither this machine's role, by which the next runner registers, nor root.
systemd-run --quiet --wait --pipe --collect --unit=actions-runner \
  --property=User=runner --property=NoNewPrivileges=yes --property="WorkingDirectory=$home" \
  --property='IPAddressDeny=169.254.169.254 fd00:ec2::254' \
  --setenv=HOME=/home/runner --setenv=DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
  "$home/run.sh" --jitconfig "$jit"
