# shellcheck shell=bash disable=SC2034,SC2154
# The majority of a product's servers is lost for good, and this one has its data: raft takes the word of peers.json for who is left.
declare -A raft_port=([vault]=8201 [consul]=8300 [nomad]=4647)

# alone_in PRODUCT: writes that this server is the only one
alone_in() {
  local data=/var/lib/$1 id
  if [ "$1" = nomad ]; then data+=/server; fi
  id=$(<"$data/node-id") || fail "$data/node-id is missing: this server has no data of $1"
  jq -n --arg id "$id" --arg address "$address:${raft_port[$1]}" '[{$id, $address, non_voter: false}]' | place "$data/raft/peers.json" "$1" "$1" 600
}

do_recover() {
  local product=${1-}
  runs "$product" || fail "this server does not run ${product:-it}: it runs $CARAVAN_RUNS"
  [ -e "$state/joined-$product" ] || fail "this server has no data of $product: caravan-node restore $product"
  if alive "$product"; then fail "$product has a leader: its quorum is not lost. New servers join by themselves"; fi
  sure "$product has no leader. This server becomes its only one, with what it has; new servers join it. No other server may come back with its old disk."
  systemctl stop "$product.service"
  alone_in "$product"
  up "$product.service"
  wait_for 180 "$product leads" leads "$product"
  log "$product goes on with this server alone"
}
