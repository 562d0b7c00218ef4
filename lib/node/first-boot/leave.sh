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

# count_voters PRODUCT: $voters, as raft has them now; what autopilot says may be seconds old. Nomad shows who of raft's peers
# votes to its administrators only, but all of them to everybody.
count_voters() {
  case $1 in
    vault) api vault GET sys/storage/raft/configuration ;;
    consul) api consul GET operator/raft/configuration ;;
    nomad)
      api nomad GET status/peers
      ok || return
      mv "$tmp/answer" "$tmp/peers"
      api nomad GET operator/autopilot/health
      holds "$tmp/answer" .Servers || return
      voters=$(jq --slurpfile peers "$tmp/peers" '[.Servers[] | select(.Voter and ([.Address] | inside($peers[0])))] | length' "$tmp/answer")
      return
      ;;
  esac
  ok || return
  voters=$(jq '[(.data.config.servers // .Servers)[] | select(.voter // .Voter)] | length' "$tmp/answer")
}

# spare PRODUCT: whether the others are well enough to lose one more
spare() {
  case $1 in
    vault) api vault GET sys/storage/raft/autopilot/state ;;
    *) api "$1" GET operator/autopilot/health ;;
  esac
  holds "$tmp/answer" '(.data.failure_tolerance // .FailureTolerance) > 0'
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
    if ! runs "$product" || [ -e "/run/caravan/left-$product" ]; then continue; fi
    operate_as "$product" operate
    count_voters "$product" || fail "$product does not say which servers it has: $(why)"
    ((voters > 2)) || fail "$product would lose its quorum without this server: replace or start the others first"
    wait_for 60 "$product is well enough to do without this server" spare "$product"
    if [ "$product" = vault ]; then leave_vault; else stop_for_good "$product" 60; fi
    touch "/run/caravan/left-$product"
    token=
  done
}

# ending: where a cloud tells a machine nothing before it shuts down, the watch asks when it does
do_ending() {
  if [ "$(systemctl is-system-running)" = stopping ] && ends; then
    log "the cloud ends this instance"
    do_leave
  fi
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
