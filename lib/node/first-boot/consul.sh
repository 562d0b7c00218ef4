# shellcheck shell=bash disable=SC2034,SC2154
# Consul and Nomad begin alike: servers find each other, the preset token is made theirs, the hand-over follows.

# expect PRODUCT: how many servers make a new cluster, where there never was one. A server with data ignores it.
expect() {
  local count=CARAVAN_${1^^}_SERVERS
  if born "$1"; then echo 0; else echo "${!count}"; fi
}

has_leader() {
  api "$1" GET status/leader
  ok && [ "$(jq -r . "$tmp/answer")" != "" ]
}

await_leader() { await "$1" "has_leader $1" "has no leader: are its other servers there? (journalctl -u $1)"; }

bootstrapped() {
  jq --arg name "$1-bootstrap" '{BootstrapSecret: .tokens[$name]}' "$document" >"$tmp/body"
  token=
  api "$1" PUT acl/bootstrap "$tmp/body"
  ok || grep -qE 'no longer allowed|already done' "$tmp/answer"
}

bring_up() {
  up "$1.service"
  await_leader "$1"
  if ! born "$1"; then
    wait_for 60 "$1 takes its first token" bootstrapped "$1"
    use_token "$1-bootstrap"
    hand_over "$1"
    if [ "$1" = nomad ]; then nomad_tokens; fi
    token=
    give_birth "$1"
  fi
  log "$1 has a leader"
}

# configure_PRODUCT EXPECTED: what of the configuration is secret, or differs at birth
configure_consul() {
  jq --argjson expect "$1" '{encrypt: .gossip.consul, acl: {tokens: {agent: .tokens."consul-agent", dns: .tokens."consul-agent"}}}
    + if $expect > 0 then {bootstrap_expect: $expect} else {} end' "$document" | place /etc/consul.d/secret/secret.json vault-agent consul 640
}

configure_nomad() {
  jq --argjson expect "$1" --arg products "$CARAVAN_CLUSTER" '
    {server: ({encrypt: .gossip.nomad} + if $expect > 0 then {bootstrap_expect: $expect} else {} end)}
    + if $products | test("consul") then {consul: {token: .tokens."consul-nomad"}} else {} end
    ' "$document" | place /etc/nomad.d/secret/secret.json vault-agent nomad 640
}

step_consul() {
  configure_consul "$(expect consul)"
  bring_up consul
}

step_nomad() {
  configure_nomad "$(expect nomad)"
  bring_up nomad
}

# Nomad chooses the secrets of its tokens. Whoever is first leaves them in the bucket; what a crash or a race left over goes.
nomad_tokens() {
  local name kept id
  for name in operate snapshot; do
    if ! fetch "token/nomad-$name" "$tmp/kept"; then
      jq -n --arg name "$name" '{Name: $name, Type: "client", Policies: [$name]}' >"$tmp/body"
      api nomad POST acl/token "$tmp/body"
      ok || fail "Nomad makes no token for $name: $(why)"
      cp "$tmp/answer" "$tmp/kept"
      create "token/nomad-$name" "$tmp/kept"
      if [ "$created" = no ]; then fetch "token/nomad-$name" "$tmp/kept"; fi
    fi
    kept=$(jq -r .AccessorID "$tmp/kept")
    api nomad GET acl/tokens
    ok || fail "Nomad lists no tokens: $(why)"
    jq -r --arg name "$name" --arg kept "$kept" '.[] | select(.Name == $name and .AccessorID != $kept).AccessorID' "$tmp/answer" >"$tmp/left"
    while read -r id <&3; do api nomad DELETE "acl/token/$id"; done 3<"$tmp/left"
  done
}
