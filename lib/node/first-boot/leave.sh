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

# spare PRODUCT: whether the others stay a quorum without this server
spare() {
  case $1 in
    vault) api vault GET sys/storage/raft/autopilot/state ;;
    *) api "$1" GET operator/autopilot/health ;;
  esac
  ok && holds "$tmp/answer" '(.data.failure_tolerance // .FailureTolerance) > 0'
}

leave_vault() {
  if vault_leads; then
    api vault PUT sys/step-down
    ok || fail "Vault does not let another lead: $(why)"
    wait_for 60 "another Vault leads" another_leads
  fi
  api vault GET sys/storage/raft/configuration
  jq --arg at "$address:8201" '{server_id: (.data.config.servers[] | select(.address == $at).node_id)}' "$tmp/answer" >"$tmp/body" ||
    fail "Vault does not say who is in it: $(why)"
  api vault POST sys/storage/raft/remove-peer "$tmp/body"
  ok || fail "Vault does not let this server go: $(why)"
  token=
  systemctl stop vault.service
  log "vault has left"
}

another_leads() { ! vault_leads && [ -n "$(jq -r '.leader_address // empty' "$tmp/answer")" ]; }

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
    operate_as "$product" operate
    spare "$product" || fail "$product would lose its quorum without this server: replace or start the others first ($(why))"
    if [ "$product" = vault ]; then leave_vault; else stop_for_good "$product" 60; fi
    token=
  done
}

# watch: leaves when the cloud says that this instance ends
do_watch() {
  local word
  while :; do
    word=$(notice)
    if [ -n "$word" ]; then
      log "the cloud ends this instance: $word"
      if (do_leave); then
        if [[ $word == *lifecycle* ]]; then lifecycle_done; fi
        return
      fi
    fi
    sleep 5
  done
}
