#!/usr/bin/env bash
# What this library's units say on this node goes to the cloud's log too, whatever becomes of first boot.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154
cd /usr/local/lib/caravan || exit
. ./common.sh
. "./$CARAVAN_CLOUD.sh"
step=log
cursor=$state/log-cursor

# ship: what the journal has since the last line that the cloud took. At once it takes lines of one day only.
ship() {
  local since=()
  if [ -s "$cursor" ]; then since=("--after-cursor=$(<"$cursor")"); fi
  journalctl -q -t caravan -o json "${since[@]}" | jq -s '
    def at: .__REALTIME_TIMESTAMP | tonumber / 1000 | floor;
    .[:500] | (.[0] | at? // 0) as $first | map(select(at < $first + 86400000))' >"$tmp/lines"
  if holds "$tmp/lines" 'length == 0'; then return; fi
  jq 'map({timestamp: (.__REALTIME_TIMESTAMP | tonumber / 1000 | floor), message: (.MESSAGE // "" | if type == "array" then implode else . end)})
    | map(select(.message != "")) | sort_by(.timestamp)' "$tmp/lines" >"$tmp/events"
  tell "$CARAVAN_GROUP/$me" "$tmp/events"
  jq -j '.[-1].__CURSOR' "$tmp/lines" >"$tmp/cursor"
  mv "$tmp/cursor" "$cursor"
}

who_am_i
while :; do
  ship
  sleep 5
done
