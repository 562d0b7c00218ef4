# shellcheck shell=bash disable=SC2034,SC2154
# Vault. One server initialises it: the one that made the object vault-init/N. The others wait until it is stored.
vault_answers() {
  api vault GET sys/seal-status
  ok
}

vault_serves() {
  api vault GET 'sys/health?standbyok=true'
  ok
}

# vault_led: whether anybody leads. Health does not tell: who led and lost the others is a standby in good health. But only a leader,
# asked through any server, refuses who has no token.
vault_led() {
  token=
  api vault GET auth/token/lookup-self
  [[ $status == 4* ]]
}

vault_leads() {
  api vault GET sys/leader
  ok && holds "$tmp/answer" .is_self
}

# vault_login: the next calls are made as this node's group
vault_login() {
  token=
  sign_in "$tmp/vault-token"
  token=$tmp/vault-token
}

vault_logout() {
  api vault POST auth/token/revoke-self
  token=
}

claim() {
  jq -n --arg instance "$me" '{$instance, state: "begun"}' >"$tmp/claim"
  create "vault-init/$1" "$tmp/claim"
}

# Vault's answer is the only copy of its keys: room for it is on the disk before Vault is asked.
reserve() {
  if ! { head -c 32768 /dev/zero | tr '\0' '\n' >"$1" && sync "$1"; }; then
    rm -f "$1"
    fail "no room for Vault's keys in $state: Vault is not asked for them before there is"
  fi
}

initialise() {
  local out=$1
  reserve "$out"
  if [ -s /etc/caravan/recovery-pgp-keys.json ]; then
    jq '{recovery_pgp_keys: ., recovery_shares: length, recovery_threshold: (length / 2 + 1 | floor)}' /etc/caravan/recovery-pgp-keys.json
  else
    echo '{"recovery_shares": 5, "recovery_threshold": 3}'
  fi >"$tmp/body"
  curl -sS -m 120 --fail-with-body --cacert "$ca" -X POST --data-binary "@$tmp/body" https://127.0.0.1:8200/v1/sys/init 2>"$tmp/curl" |
    dd of="$out" conv=notrunc,fsync status=none
  holds "$out" .root_token || fail "Vault was not initialised: $(tr -s '\n' ' ' <"$out" | head -c 300)$(<"$tmp/curl")"
}

empty_vault() {
  systemctl stop vault.service
  find /var/lib/vault -mindepth 1 -delete
  rm -f "$state/joined-vault" "$state/vault-handed-over"
}

# vault_said LINE [JOURNALCTL-OPTION...]: whether Vault has said so since it was last started
vault_said() {
  local said=$1
  shift
  journalctl -q -o cat "$@" "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID vault.service)" | grep -F "$said" >/dev/null
}

# numbered N: whether what this server's Vault has, or will have, is of the one under this number
numbered() { [ "$(cat "$state/vault-number" 2>/dev/null)" = "$1" ]; }

# be_holder N: every line of it may be the last one before a crash
be_holder() {
  local out=$state/vault-init.json
  if ! numbered "$1"; then
    rm -f "$out"
    empty_vault
    echo "$1" >"$state/vault-number"
  fi
  up vault.service
  wait_for 120 "Vault answers" vault_answers
  if holds "$tmp/answer" .initialized; then
    if ! holds "$out" .root_token; then
      log "Vault was initialised and its keys were lost in a crash. It is empty: starting over"
      empty_vault
      be_holder "$1"
      return
    fi
    log "taking up where the last boot stopped"
  else
    initialise "$out"
    log "initialised Vault"
  fi
  wait_for 120 "Vault is unsealed and leads" vault_leads
  jq -c '{recovery_keys, recovery_keys_base64}' "$out" >"$tmp/recovery"
  write_secret "$CARAVAN_SECRET_RECOVERY_KEYS" "$tmp/recovery"
  log "stored the recovery keys"
  token=$tmp/root
  jq -j .root_token "$out" >"$token"
  if [ ! -e "$state/vault-handed-over" ]; then
    hand_over vault
    touch "$state/vault-handed-over"
  fi
  api vault POST auth/token/revoke-self
  ok || [ "$status" = 403 ] || fail "Vault does not revoke its root token: $(why)"
  token=
  api vault GET sys/seal-status
  jq --arg instance "$me" '{$instance, state: "stored", cluster: .cluster_id}' "$tmp/answer" >"$tmp/claim"
  write "vault-init/$1" "$tmp/claim"
  log "Vault is handed over, its root token revoked"
}

# follow N: this server's Vault joins the one that was initialised under this number, and no older one. It may have joined already, for
# it looks for others all the time: then its peers count its vote, and cannot do without it.
follow() {
  up vault.service
  if ! numbered "$1"; then
    api vault GET sys/seal-status
    if ! ok || holds "$tmp/answer" '.initialized and .sealed'; then return 0; fi
    if holds "$tmp/answer" .initialized; then
      holds "$tmp/answer" ".cluster_id == $(jq .cluster "$tmp/claim")" || empty_vault
    elif vault_said 'successfully joined the raft cluster' --until=-15s; then
      # An older one, which was lost before it had sent anything.
      empty_vault
    fi
    echo "$1" >"$state/vault-number"
  fi
  join_anew
  up vault.service
}

# A Vault that is ended in the moment it joins has raft's first state and nothing else, and joins nobody any more. Raft knows it by its
# node-id.
join_anew() {
  if [ -e "$state/joined-vault" ]; then return 0; fi
  api vault GET sys/seal-status
  if ok && holds "$tmp/answer" '.initialized | not' && vault_said 'cluster already has state'; then
    log "Vault was ended while it joined: it joins anew"
    systemctl stop vault.service
    find /var/lib/vault -mindepth 1 ! -name node-id -delete
  fi
}

vault_joins() {
  join_anew
  up vault.service
  vault_serves
}

# What is written to it is then safe from the loss of one server.
vault_settled() {
  vault_serves || return 1
  (
    vault_login
    api vault GET sys/storage/raft/autopilot/state
    cp "$tmp/answer" "$tmp/settled"
    vault_logout
    holds "$tmp/settled" ".data.failure_tolerance > 0 or (.data.voters | length) == $CARAVAN_VAULT_SERVERS"
  ) 2>"$tmp/unsettled"
}

# vault_birth COMMAND REASON: until it is true. Before Vault is born it holds nothing but the hand-over: where the server that initialised
# it is lost, and Vault with it, another begins anew.
vault_birth() {
  local number holder led=$SECONDS end=$((SECONDS + 900)) patience=$((SECONDS + 30)) told=
  until born vault; do
    number=$(list vault-init/ | cut -d/ -f2 | sort -n | tail -1)
    if [ -z "$number" ]; then
      claim 1
      continue
    fi
    fetch "vault-init/$number" "$tmp/claim" || fail "vault-init/$number has vanished from the bucket $CARAVAN_BUCKET"
    holder=$(jq -r .instance "$tmp/claim")
    if holds "$tmp/claim" '.state == "stored"'; then
      follow "$number"
      if numbered "$number" && "$1"; then return; fi
      if vault_led || { [ "$holder" != "$me" ] && ! gone "$holder"; }; then led=$SECONDS; fi
      if ((SECONDS - led > 90)); then
        log "nobody leads the Vault that $holder initialised: beginning anew"
        claim $((number + 1))
        # Whoever was about to record its birth has done so by then.
        sleep 3
        continue
      fi
      ((SECONDS < end)) || fail "$2"
      if ((SECONDS > patience)); then
        patience=$end
        log "waiting: $2"
      fi
    elif [ "$holder" = "$me" ]; then
      be_holder "$number"
      continue
    elif gone "$holder"; then
      log "$holder was to initialise Vault and is gone: taking over"
      claim $((number + 1))
      continue
    else
      [ "$told" = "$holder" ] || log "waiting for $holder, which initialises Vault"
      told=$holder
      ((SECONDS < end)) || fail "$holder has not initialised Vault and is not gone: look at its log, or terminate it and another takes over"
    fi
    sleep 3
  done
}

step_vault() {
  vault_birth vault_led "this server's Vault has not joined that of another (journalctl -u vault)"
  # What it held is stored. A crash may have come between the two.
  rm -f "$state/vault-init.json"
  await vault vault_joins "is not unsealed: no server of it answers, or the seal key cannot be used (journalctl -u vault)"
  log "Vault is unsealed"
}

# Last, for new servers vote only after a while.
step_birth() {
  if ! runs vault || born vault; then return 0; fi
  vault_birth vault_settled "Vault cannot bear the loss of a server yet: are its other servers there?"
  touch "$state/joined-vault"
  give_birth vault
  log "Vault is born"
}
