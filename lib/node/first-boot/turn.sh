# shellcheck shell=bash disable=SC2034,SC2154
# One server leaves a product at a time: two that look at the same moment would both find that the others can do without them. A
# turn is an object leaving/PRODUCT/N; who makes the next number has it, until it says how it ended or its instance is gone.

# last_turn PRODUCT: $number and, in $tmp/turn, what it says; none is number 0
last_turn() {
  list "leaving/$1/" >"$tmp/turns"
  number=$(cut -d/ -f3 "$tmp/turns" | sort -n | tail -1)
  if [ -z "$number" ] || ! fetch "leaving/$1/$number" "$tmp/turn"; then
    number=0
    echo '{}' >"$tmp/turn"
  fi
}

# take_turn PRODUCT: waits until it is this server's. $before is the address of the one that left before it, if it did.
take_turn() {
  local number holder old told end=$((SECONDS + 300))
  while :; do
    last_turn "$1"
    holder=$(jq -r 'select(.state == "leaving").instance' "$tmp/turn")
    if [ "$holder" = "$me" ]; then break; fi
    if [ -n "$holder" ] && ! gone "$holder"; then
      [ -n "${told-}" ] || log "$holder is leaving $1: this server waits for its turn"
      told=yes
      ((SECONDS < end)) || fail "$holder is still leaving $1: look at its log, or terminate it"
      sleep 3
      continue
    fi
    jq -n --arg instance "$me" --arg address "$address" '{$instance, $address, state: "leaving"}' >"$tmp/claim"
    create "leaving/$1/$((number + 1))" "$tmp/claim"
  done
  echo "$number" >"/run/caravan/turn-$1"
  before=
  if fetch "leaving/$1/$((number - 1))" "$tmp/turn"; then before=$(jq -r 'select(.state != "stayed").address' "$tmp/turn"); fi
  while read -r old <&3; do
    if ((${old##*/} < number - 1)); then delete "$old"; fi
  done 3<"$tmp/turns"
}

# end_turn PRODUCT left|stayed: once, and again where the bucket did not take it
end_turn() {
  local turn=/run/caravan/turn-$1
  [ -e "$turn" ] || return 0
  jq -n --arg instance "$me" --arg address "$address" --arg state "$2" '{$instance, $address, $state}' >"$tmp/claim"
  write "leaving/$1/$(<"$turn")" "$tmp/claim"
  rm "$turn"
}
