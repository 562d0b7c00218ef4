# shellcheck shell=bash disable=SC2034,SC2154
# A worker has nothing but its cloud identity: Vault Agent signs in with it and brings the rest.
step_trust() {
  wait_for 900 "the first server leaves the cluster's CA in $CARAVAN_SECRET_PUBLIC_CA" read_secret "$CARAVAN_SECRET_PUBLIC_CA" "$tmp/ca"
  openssl x509 -noout -in "$tmp/ca" 2>"$tmp/curl" || fail "$CARAVAN_SECRET_PUBLIC_CA holds no certificate"
  place "$ca" root root 644 <"$tmp/ca"
}

brought() {
  local product
  for product in $CARAVAN_RUNS; do
    if ! [ -s "/etc/$product.d/tls/$product.pem" ] || ! [ -s "/etc/$product.d/secret/secret.json" ]; then return 1; fi
  done
  if runs nomad && ! [ -s /etc/nomad.d/secret/introduction.jwt ]; then return 1; fi
}

step_worker() {
  local product
  up vault-agent.service
  wait_for 600 "Vault Agent signs in as $CARAVAN_NODE_ROLE and brings certificates (journalctl -u vault-agent)" brought
  for product in $CARAVAN_RUNS; do
    up "$product.service"
    wait_for 300 "$product joins" "${product}_joined"
    log "$product has joined"
  done
}
