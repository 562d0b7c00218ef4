# shellcheck shell=bash disable=SC2034,SC2154
# Leaving for good. A plain stop keeps the membership, so that a restart is no loss of a server.

# stop_for_good PRODUCT SECONDS: SIGTERM means to leave; a client of Nomad drains before
stop_for_good() {
  mkdir -p "/run/systemd/system/$1.service.d"
  printf '[Service]\nKillSignal=SIGTERM\nTimeoutStopSec=%s\n' "$2" >"/run/systemd/system/$1.service.d/leave.conf"
  systemctl daemon-reload
  systemctl stop "$1.service"
  log "$1 has left"
}

# count_voters PRODUCT: $voters, as raft has them now, and in $tmp/members the addresses of all its servers; what autopilot says may
# be seconds old. Nomad shows who of raft's peers votes to its administrators only, but all of them to everybody.
count_voters() {
  case $1 in
    vault) api vault GET sys/storage/raft/configuration ;;
    consul) api consul GET operator/raft/configuration ;;
    nomad)
      api nomad GET status/peers
      ok || return
      mv "$tmp/answer" "$tmp/members"
      api nomad GET operator/autopilot/health
      holds "$tmp/answer" .Servers || return
      voters=$(jq --slurpfile peers "$tmp/members" '[.Servers[] | select(.Voter and ([.Address] | inside($peers[0])))] | length' "$tmp/answer")
      return
      ;;
  esac
  ok || return
  jq '.data.config.servers // .Servers' "$tmp/answer" >"$tmp/servers"
  jq 'map(.address // .Address)' "$tmp/servers" >"$tmp/members"
  voters=$(jq 'map(select(.voter // .Voter)) | length' "$tmp/servers")
}

# forgotten PRODUCT: whether raft knows no more of the server that left before this one
forgotten() {
  count_voters "$1" || return
  [ -z "$before" ] || holds "$tmp/members" "all(startswith(\"$before:\") | not)"
}

may_go() {
  count_voters "$1" || fail "$1 does not say which servers it has: $(why)"
  ((voters > 2)) || fail "$1 would lose its quorum without this server: replace or start the others first"
}

# spare PRODUCT: whether the others are well enough to lose one more
spare() {
  case $1 in
    vault) api vault GET sys/storage/raft/autopilot/state ;;
    *) api "$1" GET operator/autopilot/health ;;
  esac
  holds "$tmp/answer" '(.data.failure_tolerance // .FailureTolerance) > 0'
}

# bearable PRODUCT: whether the others can do without this server, whatever was under way before
bearable() {
  wait_for 60 "$1 has forgotten ${before:-who left}" forgotten "$1"
  may_go "$1"
  wait_for 60 "$1 is well enough to do without this server" spare "$1"
}

leave_vault() {
  if vault_leads; then
    api vault PUT sys/step-down
    ok || fail "Vault does not let another lead: $(why)"
    wait_for 60 "another Vault leads" another_leads
  fi
  wait_for 60 "Vault lets this server go" removed
  token=
  systemctl stop vault.service
  log "vault has left"
}

another_leads() { ! vault_leads && jq -r '.leader_address // empty' "$tmp/answer" | grep -qv "//$address:"; }

# A leader that has just begun may not answer yet; one that let this server go may have done so before its answer came.
removed() {
  api vault GET sys/seal-status
  if holds "$tmp/answer" .removed_from_cluster; then return; fi
  api vault GET sys/storage/raft/configuration
  ok || return
  jq --arg at "$address:8201" '.data.config.servers[] | select(.address == $at) | {server_id: .node_id}' "$tmp/answer" >"$tmp/body"
  [ -s "$tmp/body" ] || return 0
  api vault POST sys/storage/raft/remove-peer "$tmp/body"
  ok
}

do_leave() {
  local product
  if [ "$CARAVAN_ROLE" = worker ]; then
    for product in nomad consul; do if runs "$product"; then stop_for_good "$product" 330; fi; done
    systemctl stop vault-agent.service
    return
  fi
  # The next machine of a lone server goes on with its data and its membership.
  if [ -n "${CARAVAN_DATA_VOLUME-}" ]; then
    for product in nomad consul vault; do if runs "$product"; then systemctl stop "$product.service"; fi; done
    log "stopped; the data stays on $CARAVAN_DATA_VOLUME"
    return
  fi
  for product in nomad consul vault; do
    if ! runs "$product"; then continue; fi
    if [ ! -e "/run/caravan/left-$product" ]; then
      operate_as "$product" operate
      may_go "$product"
      take_turn "$product"
      if ! (bearable "$product"); then
        end_turn "$product" stayed
        exit 1
      fi
      if [ "$product" = vault ]; then leave_vault; else stop_for_good "$product" 60; fi
      touch "/run/caravan/left-$product"
      token=
    fi
    end_turn "$product" left
  done
}

# watch: leaves when the cloud says that this instance ends, and tells the group that waits for it
do_watch() {
  local word left=
  while :; do
    word=$(notice)
    if [ -n "$word" ] && [ -z "$left" ]; then
      log "the cloud ends this instance: $word"
      if (do_leave); then left=yes; fi
    fi
    if [ -n "$left" ] && [[ $word == *lifecycle* ]] && lifecycle_done; then return; fi
    sleep 5
  done
}
