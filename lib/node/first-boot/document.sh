# shellcheck shell=bash disable=SC2034,SC2154
# The cluster document: the CA, gossip keys and preset tokens. Whoever is first makes it; all others read that one.
document=$tmp/document
tokens='consul-bootstrap consul-vault consul-agent consul-nomad consul-snapshot consul-operate nomad-bootstrap'

new_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=caravan $CARAVAN_ENVIRONMENT $(date -u +%F)" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$tmp/key" -out "$tmp/cert" 2>"$tmp/curl" || fail "openssl makes no CA: $(tail -1 "$tmp/curl")"
  jq -n --rawfile cert "$tmp/cert" --rawfile key "$tmp/key" '{cert: $cert, key: $key}'
}

new_document() {
  local name
  new_ca >"$tmp/ca"
  {
    for name in $tokens; do echo "$name $(</proc/sys/kernel/random/uuid)"; done
    for name in consul nomad; do echo "$name $(openssl rand -base64 32)"; done
  } | jq -R 'split(" ") | {key: .[0], value: .[1]}' | jq -s --slurpfile ca "$tmp/ca" \
    '{version: 1, ca: $ca, signer: 0, tokens: from_entries | del(.consul, .nomad), gossip: from_entries | {consul, nomad}}'
}

readable() { holds "$1" '.version == 1 and .ca[.signer].key and (.tokens | length == 7) and (.gossip | length == 2)'; }

step_document() {
  if ! fetch document "$document"; then
    new_document >"$document"
    readable "$document" || fail "the cluster document came out broken, and was not stored"
    create document "$document"
    if [ "$created" = yes ]; then log "made the cluster document"; else fetch document "$document"; fi
  fi
  readable "$document" || fail "the cluster document cannot be read by this version"
  jq -j '.ca[].cert' "$document" | place "$ca" root root 644
  write_secret "$CARAVAN_SECRET_PUBLIC_CA" "$ca"
  if ! { born consul && born nomad; }; then
    jq -c '.tokens | {consul: ."consul-bootstrap", nomad: ."nomad-bootstrap"}' "$document" >"$tmp/bootstrap"
    write_secret "$CARAVAN_SECRET_BOOTSTRAP_TOKENS" "$tmp/bootstrap"
  fi
  log "cluster document at hand"
}

# born PRODUCT: whether the cluster ever had it. Then an empty server only joins.
born() { fetch "born/$1" "$tmp/born"; }

# What a person sees who waits for a server of a cluster of which nobody is left.
alone() {
  if born "$1"; then echo "The cluster has had $1 before, so this server only joins. If no server of it is left: caravan-node restore $1"; fi
}

# await PRODUCT COMMAND REASON: until this server is one of the cluster, and remembers that it is
await() {
  local end=$((SECONDS + 300)) patience=$((SECONDS + 30))
  until $2; do
    ((SECONDS < end)) || fail "$1 $3. $(alone "$1")"
    if ((SECONDS > patience)); then
      patience=$end
      log "waiting for $1, which $3. $(alone "$1")"
    fi
    sleep 2
  done
  touch "$state/joined-$1"
}

give_birth() {
  date -u +%FT%TZ >"$tmp/born"
  create "born/$1" "$tmp/born"
}

# use_token NAME: the token of the cluster document becomes the one of the next calls
use_token() {
  token=$tmp/token
  jq -j --arg name "$1" '.tokens[$name]' "$document" >"$token"
}
