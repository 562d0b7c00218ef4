# shellcheck shell=bash disable=SC2034,SC2154
# Snapshots: by the leader only, checked, kept for as many as CARAVAN_SNAPSHOTS_KEPT says.
declare -A snapshot_path=([vault]=sys/storage/raft/snapshot [consul]=snapshot [nomad]=operator/snapshot)

leads() {
  case $1 in
    vault) vault_leads ;;
    *)
      api "$1" GET status/leader
      ok && [[ $(jq -r . "$tmp/answer") == "$address:"* ]]
      ;;
  esac
}

# operate_as PRODUCT RIGHT: signs in with no more than the right to operate or to take snapshots
operate_as() {
  case $1 in
    vault) vault_login ;;
    consul)
      fetch document "$document" || fail "there is no cluster document"
      use_token "consul-$2"
      ;;
    nomad)
      fetch "token/nomad-$2" "$tmp/kept" || fail "Nomad has not been handed over"
      token=$tmp/token
      jq -j .SecretID "$tmp/kept" >"$token"
      ;;
  esac
}

sign_out() {
  if [ "$1" = vault ]; then vault_logout; fi
  token=
}

# sound FILE: a snapshot is an archive with the sums of what is in it
sound() {
  rm -rf "$state/open"
  mkdir "$state/open"
  { tar -xzf "$1" -C "$state/open" && (cd "$state/open" && sha256sum -c --quiet SHA256SUMS); } >"$tmp/check" 2>&1 || return
  rm -rf "$state/open"
}

# save PRODUCT NAME
save() {
  local file=$state/snapshot
  into=$file limit=900 api "$1" GET "${snapshot_path[$1]}"
  ok || fail "$1 gives no snapshot: $(why)"
  sound "$file" || fail "the snapshot of $1 is not whole: $(tail -1 "$tmp/check")"
  keep "snapshots/$1/$2.snap" "$file" $(((CARAVAN_SNAPSHOTS_KEPT + 23) / 24))
  log "saved snapshots/$1/$2.snap, $(stat -c %s "$file") bytes"
  rm -f "$file"
}

now() { date -u +%Y%m%dT%H%M%SZ; }

do_snapshot() {
  local product key
  for product in $CARAVAN_RUNS; do
    if ! leads "$product"; then continue; fi
    operate_as "$product" snapshot
    save "$product" "$(now)"
    sign_out "$product"
    list "snapshots/$product/" | sort | head -n "-$CARAVAN_SNAPSHOTS_KEPT" >"$tmp/old"
    while read -r key <&3; do delete "$key"; done 3<"$tmp/old"
  done
}
