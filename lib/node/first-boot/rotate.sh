# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Changes of what the cluster document holds. Each is written there too, so that nodes born later agree. docs/rotation.md

# amend JQ-ARGUMENT...: nobody else's change is lost
amend() {
  fetch document "$document" || fail "there is no cluster document"
  jq "$@" "$document" >"$tmp/amended"
  replace document "$tmp/amended"
  ok || fail "the cluster document was not changed: $(why)"
  cp "$tmp/amended" "$document"
}

# keyring PRODUCT install|use|remove KEY-FILE
keyring() {
  local method
  if [ "$1" = consul ]; then
    case $2 in install) method=POST ;; use) method=PUT ;; remove) method=DELETE ;; esac
    api consul "$method" operator/keyring "$3"
  else
    api nomad POST "agent/keyring/$2" "$3"
  fi
  ok || fail "$1 does not $2 the gossip key: $(why)"
}

rotate_gossip() {
  local key
  if ! [[ $1 == consul || $1 == nomad ]] || ! runs "$1"; then fail "this server does not run ${1:-it}"; fi
  openssl rand -base64 32 | jq -R '{Key: .}' >"$tmp/new"
  operate_as "$1" operate
  keyring "$1" install "$tmp/new"
  keyring "$1" use "$tmp/new"
  amend --arg product "$1" --slurpfile new "$tmp/new" '.gossip[$product] = $new[0].Key'
  if [ "$1" = consul ]; then
    vault_login
    jq '{data: {key: .Key}}' "$tmp/new" >"$tmp/body"
    api vault POST node-secrets/data/gossip/consul "$tmp/body"
    ok || fail "Vault does not take the new gossip key, and new workers would not join. Run this again: $(why)"
    vault_logout
  fi
  operate_as "$1" operate
  case $1 in consul) api consul GET operator/keyring ;; nomad) api nomad GET agent/keyring/list ;; esac
  jq -c --slurpfile new "$tmp/new" '[if type == "array" then .[].Keys else .Keys end | keys[]] | unique - [$new[0].Key] | .[] | {Key: .}' "$tmp/answer" >"$tmp/old"
  while read -r key <&3; do
    printf '%s' "$key" >"$tmp/body"
    keyring "$1" remove "$tmp/body"
  done 3<"$tmp/old"
  token=
  log "$1 gossips with a new key. On its other servers: systemctl restart caravan-first-boot"
}

rotate_ca() {
  case $1 in
    trust)
      fetch document "$document" || fail "there is no cluster document"
      holds "$document" '.ca | length == 1' || fail "a rotation has begun: switch, then drop"
      new_ca >"$tmp/new"
      amend --slurpfile new "$tmp/new" '.ca += $new'
      log "the cluster has a second CA. On every node: systemctl restart caravan-first-boot; then switch"
      ;;
    switch)
      ask_token "Vault that may import issuers into pki-nodes"
      cp "$token" "$tmp/vault"
      amend '.signer = (.ca | length - 1)'
      token=$tmp/vault
      jq '{pem_bundle: (.ca[.signer] | .cert + .key)}' "$document" >"$tmp/body"
      api vault POST pki-nodes/issuers/import/bundle "$tmp/body"
      ok || fail "Vault does not take the new CA. Run this again: $(why)"
      jq '{default: (.data.mapping | keys[0])}' "$tmp/answer" >"$tmp/body"
      api vault POST pki-nodes/config/issuers "$tmp/body"
      ok || fail "Vault does not sign with the new CA. Run this again: $(why)"
      token=
      log "new certificates come from the new CA. On every node: systemctl restart caravan-first-boot; then drop"
      ;;
    drop)
      amend 'if .signer == 0 then error("switch first") else .ca = [.ca[.signer]] | .signer = 0 end'
      log "the old CA is forgotten. On every node: systemctl restart caravan-first-boot"
      ;;
    *) usage ;;
  esac
  step_document
  connect_engine
}

# Vault's Consul engine makes the workers' tokens: it needs a token itself, and the CA that Consul's certificates are of.
connect_engine() {
  [[ " $CARAVAN_CLUSTER " == *" consul "* ]] || return 0
  vault_login
  jq --arg address "$CARAVAN_CONSUL_HOST:8501" --rawfile ca "$ca" \
    '{$address, scheme: "https", ca_cert: $ca, token: .tokens."consul-vault"}' "$document" >"$tmp/body"
  api vault POST consul/config/access "$tmp/body"
  ok || fail "Vault's Consul engine was not told, and new workers would not join. Run this again: $(why)"
  vault_logout
}

rotate_token() {
  case $1 in
    consul-vault | consul-agent | consul-nomad | consul-snapshot | consul-operate) rotate_consul_token "$1" ;;
    nomad-operate | nomad-snapshot) rotate_nomad_token "$1" ;;
    *) fail "these can be rotated: consul-vault consul-agent consul-nomad consul-snapshot consul-operate nomad-operate nomad-snapshot" ;;
  esac
}

# A new token beside the old one; the old one goes when every server has the new.
rotate_consul_token() {
  local name=$1
  fetch document "$document" || fail "there is no cluster document"
  use_token consul-snapshot
  cp "$token" "$tmp/manage"
  use_token "$name"
  api consul GET acl/token/self
  ok || fail "Consul does not know the present token: $(why)"
  jq --rawfile secret /proc/sys/kernel/random/uuid '{Description, Policies, SecretID: ($secret | rtrimstr("\n"))}' "$tmp/answer" >"$tmp/body"
  jq -r .AccessorID "$tmp/answer" >"$tmp/accessor"
  token=$tmp/manage
  api consul PUT acl/token "$tmp/body"
  ok || fail "Consul makes no new token: $(why)"
  amend --arg name "$name" --slurpfile new "$tmp/body" '.tokens[$name] = $new[0].SecretID'
  if [ "$name" = consul-vault ]; then connect_engine; fi
  log "made. On every server of Consul and Nomad: systemctl restart caravan-first-boot; then delete the old one: consul acl token delete -accessor-id $(<"$tmp/accessor")"
}

# Nomad chooses the secret itself, and nothing but the bucket holds it.
rotate_nomad_token() {
  local old
  fetch "token/$1" "$tmp/kept" || fail "Nomad has not been handed over"
  old=$(jq -r .AccessorID "$tmp/kept")
  ask_token "Nomad that manages"
  jq '{Name, Type, Policies}' "$tmp/kept" >"$tmp/body"
  api nomad POST acl/token "$tmp/body"
  ok || fail "Nomad makes no new token: $(why)"
  cp "$tmp/answer" "$tmp/kept"
  write "token/$1" "$tmp/kept"
  api nomad DELETE "acl/token/$old"
  ok || fail "the old token lives: nomad acl token delete $old: $(why)"
  token=
  log "$1 is another"
}

# New shares for whom the old ones were for. Vault's answer is the only copy until it is stored, as at birth.
rotate_recovery() {
  local out=$state/recovery.json nonce
  if ! holds "$out" .complete; then
    if [ -s /etc/caravan/recovery-pgp-keys.json ]; then
      jq '{pgp_keys: ., secret_shares: length, secret_threshold: (length / 2 + 1 | floor)}' /etc/caravan/recovery-pgp-keys.json
    else
      echo '{"secret_shares": 5, "secret_threshold": 3}'
    fi >"$tmp/body"
    api vault DELETE sys/rekey-recovery-key/init
    api vault PUT sys/rekey-recovery-key/init "$tmp/body"
    ok || fail "Vault begins no rekey: $(why)"
    nonce=$(jq -r .nonce "$tmp/answer")
    reserve "$out"
    until holds "$out" .complete; do
      read -rsp "A present recovery key: " REPLY || fail "nothing was changed"
      echo >&2
      printf '%s' "$REPLY" | jq -R --arg nonce "$nonce" '{key: ., $nonce}' >"$tmp/body"
      unset REPLY
      api vault PUT sys/rekey-recovery-key/update "$tmp/body"
      ok || fail "Vault does not take this key, and nothing was changed: $(why)"
      dd if="$tmp/answer" of="$out" conv=notrunc,fsync status=none
    done
  fi
  jq -c '{recovery_keys: .keys, recovery_keys_base64: .keys_base64}' "$out" >"$tmp/recovery"
  write_secret "$CARAVAN_SECRET_RECOVERY_KEYS" "$tmp/recovery"
  rm -f "$out"
  log "the recovery keys are others, and stored; the old ones are worth nothing"
}

do_rotate() {
  case ${1-} in
    gossip | ca | token | recovery) "rotate_$1" "${2-}" ;;
    *) usage ;;
  esac
}
