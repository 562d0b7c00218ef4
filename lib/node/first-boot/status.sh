# shellcheck shell=bash disable=SC2034,SC2154
# How this node is, a line a matter.
unwell=0
well() { printf '%-4s %s\n' ok "$*"; }
bad() {
  printf '%-4s %s\n' BAD "$*"
  unwell=1
}

days_left() { echo $((($(date -d "$(openssl x509 -noout -enddate -in "$1" | cut -d= -f2)" +%s) - $(date +%s)) / 86400)); }

status_certificate() {
  local days file=/etc/$1.d/tls/$1.pem
  if ! days=$(days_left "$file" 2>"$tmp/curl"); then
    bad "$1: no certificate in $file"
  elif ((days < 3)); then
    bad "$1: its certificate ends in $days days and was not renewed: journalctl -u vault-agent"
  else
    well "$1: certificate for $days days"
  fi
}

# quorum PRODUCT HEALTHY TOLERANCE
quorum() {
  local count=CARAVAN_${1^^}_SERVERS
  if ! count_voters "$1"; then
    bad "$1: does not say which servers it has: $(why)"
  elif [ "$voters" != "${!count}" ]; then
    bad "$1: $voters of ${!count} servers vote"
  elif [ "$2" != true ]; then
    bad "$1: not all servers are healthy; the loss of $3 more can be borne"
  else
    well "$1: $voters of ${!count} servers vote; the loss of $3 can be borne"
  fi
}

status_vault() {
  api vault GET 'sys/health?standbyok=true&sealedcode=200&uninitcode=200&haunhealthycode=200'
  if ! ok; then
    bad "vault: no answer ($(why)): journalctl -u vault"
  elif holds "$tmp/answer" '.initialized | not'; then
    bad "vault: has joined nobody: journalctl -u caravan-first-boot"
  elif holds "$tmp/answer" .sealed; then
    bad "vault: sealed: can this node use the seal key? journalctl -u vault"
  elif ! vault_led; then
    bad "vault: no leader that this server reaches: journalctl -u vault"
  elif ! (vault_login); then
    bad "vault: unsealed, but this node cannot sign in"
  else
    vault_login
    api vault GET sys/storage/raft/autopilot/state
    if ok; then
      read -ra numbers < <(jq -r '.data | "\(.healthy) \(.failure_tolerance)"' "$tmp/answer")
      quorum vault "${numbers[@]}"
    else
      bad "vault: has no active server: $(why)"
    fi
    vault_logout
  fi
}

# status_raft PRODUCT: Consul and Nomad answer alike, with 429 where not all is well
status_raft() {
  api "$1" GET operator/autopilot/health
  if holds "$tmp/answer" .Servers; then
    read -ra numbers < <(jq -r '"\(.Healthy) \(.FailureTolerance)"' "$tmp/answer")
    quorum "$1" "${numbers[@]}"
  else
    bad "$1: no leader or no answer ($(why)): journalctl -u $1"
  fi
}

status_client() {
  if "${1}_joined"; then well "$1: has joined"; else bad "$1: has not joined ($(why)): journalctl -u $1"; fi
}

status_snapshot() {
  local last age
  last=$(list "snapshots/$1/" | sort | tail -1)
  last=${last##*/}
  if [ -z "$last" ]; then
    bad "$1: no snapshot yet"
  else
    age=$((($(date +%s) - $(date -d "${last:0:4}-${last:4:2}-${last:6:2} ${last:9:2}:${last:11:2}" +%s)) / 3600))
    if ((age > 25)); then bad "$1: the last snapshot is $age hours old"; else well "$1: last snapshot $age hours ago"; fi
  fi
}

do_status() {
  local product use
  if systemctl is-failed --quiet caravan-first-boot.service; then bad "first boot has failed: journalctl -u caravan-first-boot"; fi
  for product in $CARAVAN_RUNS; do
    status_certificate "$product"
    if [ "$CARAVAN_ROLE" = worker ]; then
      status_client "$product"
      continue
    fi
    case $product in
      vault) status_vault ;;
      *)
        operate_as "$product" operate
        status_raft "$product"
        ;;
    esac
    token=
    status_snapshot "$product"
  done
  for use in $(df --output=pcent / /var/lib "$state"/data 2>/dev/null | tail -n +2 | tr -dc '0-9\n' | sort -nu | tail -1); do
    if ((use > 85)); then bad "disk: $use % full"; else well "disk: $use % full"; fi
  done
  return "$unwell"
}

consul_joined() {
  api consul GET status/leader
  ok && [ "$(jq -r . "$tmp/answer")" != "" ]
}

nomad_joined() {
  api nomad GET 'agent/health?type=client'
  ok && holds "$tmp/answer" .client.ok
}
