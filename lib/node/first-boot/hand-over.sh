# shellcheck shell=bash disable=SC2034,SC2154
# What only this node knows, by the names that hand-overs use.
facts() {
  jq --rawfile ca "$ca" --argjson roles "$CARAVAN_NODE_ROLES" --argjson deployers "$CARAVAN_DEPLOYER_ROLES" \
    --argjson planners "$CARAVAN_PLANNER_ROLES" --arg discovery "$CARAVAN_DISCOVERY" '
    def named($kind): with_entries(.key |= "\($kind) \(.)");
    def role: if $discovery == "addresses" then sub(":role/.*/"; ":role/") else . end;
    {$ca, deployers: $deployers | map(role), planners: $planners | map(role), ca_bundle: (.ca[.signer] | .cert + .key)}
    + ($roles | map_values(role) | named("role")) + (.tokens | named("token")) + (.gossip | named("gossip"))' "$document"
}

# hand_over PRODUCT: applies its list in order, each write as often as it takes to know what became of it
hand_over() {
  local line exists try count=0
  facts >"$tmp/facts"
  while read -r line <&3; do
    printf '%s' "$line" | jq --slurpfile facts "$tmp/facts" '
      def fact: $facts[0][.] // error("nobody told this node: \(.)");
      walk(if type != "string" then . elif test("^@\\{[^}]*}$") then .[2:-1] | fact else gsub("@\\{(?<name>[^}]*)}"; .name | fact) end)
      ' >"$tmp/write" 2>"$tmp/curl" || fail "the hand-over to $1 cannot be read: $(tail -1 "$tmp/curl")"
    jq '.[2]' "$tmp/write" >"$tmp/body"
    exists=$(jq -r '.[3] // empty' "$tmp/write")
    for try in 1 2 3 4 5; do
      api "$1" "$(jq -r '.[0]' "$tmp/write")" "$(jq -r '.[1]' "$tmp/write")" "$tmp/body"
      if ok || { [ -n "$exists" ] && grep -qF "$exists" "$tmp/answer"; }; then break; fi
      if ! [[ $status == 000 || $status == 5?? ]] || [ "$try" = 5 ]; then fail "$1 refuses $(jq -r '.[1]' "$tmp/write"): $(why)"; fi
      sleep 2
    done
    count=$((count + 1))
  done 3<"/usr/local/lib/caravan/hand-over/$1.jsonl"
  log "handed over $count settings to $1"
}
