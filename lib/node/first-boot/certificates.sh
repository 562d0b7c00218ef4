# shellcheck shell=bash disable=SC2034,SC2154
# Each server signs its own first certificates, so that no packet goes without TLS. Vault Agent renews them.
names() {
  case $1 in
    vault) echo "$CARAVAN_VAULT_HOST" ;;
    consul) echo "server.$CARAVAN_DATACENTER.consul $CARAVAN_CONSUL_HOST" ;;
    nomad) echo "server.$CARAVAN_REGION.nomad $CARAVAN_NOMAD_HOST" ;;
  esac
}

# good FILE: of the CA that signs now, for this address, and with ten days left
good() {
  openssl verify -CAfile "$tmp/signer" -verify_ip "$address" "$1" && openssl x509 -noout -checkend 864000 -in "$1"
} >"$tmp/check" 2>&1

certificate() {
  local file=/etc/$1.d/tls/$1.pem all key=$tmp/key
  jq -r '.ca[.signer].cert' "$document" >"$tmp/signer"
  if good "$file"; then return; fi
  read -ra all < <(names "$1")
  jq -r '.ca[.signer].key' "$document" >"$tmp/signer.key"
  if ! { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${all[0]}" -keyout "$key" -out "$tmp/csr" 2>"$tmp/curl" &&
    openssl x509 -req -in "$tmp/csr" -CA "$tmp/signer" -CAkey "$tmp/signer.key" -set_serial "0x$(openssl rand -hex 16)" -days 30 -out "$tmp/cert" \
      -extfile <(
        echo 'basicConstraints=critical,CA:FALSE'
        echo 'keyUsage=critical,digitalSignature'
        echo 'extendedKeyUsage=serverAuth,clientAuth'
        echo "subjectAltName=$(printf 'DNS:%s,' "${all[@]}")DNS:localhost,IP:127.0.0.1,IP:$address"
      ) 2>"$tmp/curl"; }; then fail "openssl makes no certificate for $1: $(tail -1 "$tmp/curl")"; fi
  cat "$tmp/cert" "$tmp/signer" "$key" | place "$file" vault-agent "$1" 640
  log "signed a certificate for $1"
}

step_certificates() {
  local product
  for product in $CARAVAN_RUNS; do certificate "$product"; done
}
