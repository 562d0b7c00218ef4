# shellcheck shell=bash disable=SC2034,SC2154
# A snapshot becomes the truth again: in a living cluster on its leader, or on an empty server that nobody is left to join.
ask_token() {
  token=$tmp/asked
  read -rsp "A token of $1: " REPLY && printf '%s' "$REPLY" >"$token"
  unset REPLY
  echo >&2
}

sure() {
  log "$1"
  read -rp "Type the environment's name to go on: " REPLY
  [ "$REPLY" = "$CARAVAN_ENVIRONMENT" ] || fail "nothing was done"
}

alive() {
  case $1 in
    vault) vault_led ;;
    *) has_leader "$1" ;;
  esac
}

do_restore() {
  local product=${1-} key=${2-} file=$state/restore
  runs "$product" || fail "this server does not run ${product:-it}: it runs $CARAVAN_RUNS"
  [ -n "$key" ] || key=$(list "snapshots/$product/" | sort | tail -1)
  [ -n "$key" ] || fail "there is no snapshot of $product in $CARAVAN_BUCKET"
  fetch "$key" "$file" || fail "there is no $key in $CARAVAN_BUCKET"
  sound "$file" || fail "$key is not whole: $(tail -1 "$tmp/check"). Nothing was done"
  fetch document "$document" || fail "there is no cluster document in $CARAVAN_BUCKET: without it a snapshot is of no use"
  if alive "$product"; then
    leads "$product" || fail "run this on the leader of $product"
    sure "$product is alive. What was written to it after $key will be gone; a snapshot of now is saved first."
    operate_as "$product" snapshot
    save "$product" "$(now)-before-restore"
    sign_out "$product"
    case $product in consul) operate_as consul snapshot ;; *) ask_token "$product that may restore" ;; esac
  else
    [ ! -e "$state/joined-$product" ] || fail "this server has data of its own, which its peers may need to agree: start the other servers first. If they are lost for good: caravan-node recover $product"
    sure "$product has no leader and this server is empty. It becomes a new cluster of one with $key, which the other servers join."
    # First boot, which may begin anew at any moment, would write a configuration that waits for others.
    systemctl stop caravan-first-boot.service
    trap 'rm -rf "$tmp"; up caravan-first-boot.service' EXIT
    found "$product"
  fi
  put_back "$product" "$file"
  rm -f "$file"
  log "$product is as it was in $key"
}

# found PRODUCT: a cluster of this server alone, and the right to fill it
found() {
  case $1 in
    vault)
      systemctl restart vault.service
      wait_for 60 "Vault answers" vault_answers
      initialise "$state/restore-init.json"
      wait_for 120 "Vault is unsealed and leads" vault_leads
      token=$tmp/root
      jq -j .root_token "$state/restore-init.json" >"$token"
      ;;
    *)
      "configure_$1" 1
      systemctl restart --no-block "$1.service"
      await_leader "$1"
      wait_for 60 "$1 takes its first token" bootstrapped "$1"
      use_token "$1-bootstrap"
      ;;
  esac
}

put_back() {
  local method=PUT
  if [ "$1" = vault ]; then method=POST; fi
  limit=900 api "$1" "$method" "${snapshot_path[$1]}" "$2"
  ok || fail "$1 does not take the snapshot: $(why)"
  token=
  if [ "$1" = vault ]; then
    # The leader keeps raft's old TLS keys in memory until it starts anew.
    rm -f "$state/restore-init.json"
    systemctl restart vault.service
    wait_for 120 "Vault is unsealed" vault_serves
    log "now on each other server: systemctl restart vault; then once more here"
  fi
}
