# shellcheck shell=bash disable=SC2034,SC2154
# Nomad's leader makes introductions for new workers and leaves them in Vault, where only the group's workers read them.
do_introduce() {
  local group pool
  if ! runs nomad || ! leads nomad; then return; fi
  vault_login
  cp "$token" "$tmp/vault"
  api vault GET 'node-secrets/metadata/introduction?list=true'
  ok || [ "$status" = 404 ] || fail "Vault does not say which worker groups there are: $(why)"
  jq -r '.data.keys[]?' "$tmp/answer" >"$tmp/groups"
  while read -r group <&3; do
    token=$tmp/vault
    api vault GET "node-secrets/data/introduction/$group"
    ok || fail "Vault does not say which pool $group is: $(why)"
    pool=$(jq -r .data.data.pool "$tmp/answer")
    jq -n --arg pool "$pool" '{NodePool: $pool, TTL: "30m"}' >"$tmp/body"
    operate_as nomad operate
    api nomad POST acl/identity/client-introduction-token "$tmp/body"
    ok || fail "Nomad makes no introduction for $group: $(why)"
    jq --arg pool "$pool" '{data: {pool: $pool, jwt: .JWT}}' "$tmp/answer" >"$tmp/introduction"
    token=$tmp/vault
    api vault POST "node-secrets/data/introduction/$group" "$tmp/introduction"
    ok || fail "Vault does not take the introduction for $group: $(why)"
  done 3<"$tmp/groups"
  token=$tmp/vault
  vault_logout
}
