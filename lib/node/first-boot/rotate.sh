# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Changes of what the cluster document holds. Each is written there too, so that nodes born later agree. docs/rotation.md

# amend JQ-ARGUMENT...: nobody else's change is lost
amend() {
  local tag
  fetch document "$document" || fail "there is no cluster document"
  tag=$(sed -n 's/^etag: *\([^\r]*\).*/\1/Ip' "$tmp/headers" | tail -1)
  jq "$@" "$document" >"$tmp/amended"
  put document "$tmp/amended" -H "If-Match: $tag"
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
      ask_token "Vault, which may import issuers into pki-nodes"
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
}

# A new token beside the old one; the old one goes when every server has the new.
rotate_token() {
  local name=$1
  [[ " $tokens " == *" $name "* && $name == consul-* && $name != consul-bootstrap ]] || fail "these can be rotated: ${tokens/consul-bootstrap /}"
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
  log "made. On every server of Consul and Nomad: systemctl restart caravan-first-boot; then delete the old one: consul acl token delete -accessor-id $(<"$tmp/accessor")"
}

do_rotate() {
  case ${1-} in
    gossip | ca | token) "rotate_$1" "${2-}" ;;
    *) usage ;;
  esac
}
