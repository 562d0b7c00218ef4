#!/usr/bin/env bash
# Installs the programs of a node at their pinned versions (Debian, Ubuntu), or with "check" only looks whether they are there.
# What is wanted, and from where, stands in the file software beside this one or in /etc/caravan.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
software=/etc/caravan/software
[ -e "$software" ] || software=$(dirname "$0")/software
# shellcheck source=/dev/null
. "$software"
log() { printf 'caravan software: %s\n' "$*" >&2; }
fail() {
  log "$*"
  exit 1
}
wanted() { [[ " $WANTED " == *" $1 "* ]]; }

# installed PRODUCT: the version that is there
installed() {
  case $1 in
    docker) docker --version 2>/dev/null | sed -n 's/^Docker version \([^,]*\),.*/\1/p' ;;
    *) "/usr/bin/$1" version 2>/dev/null | sed -n '1s/^[A-Za-z]* v\{0,1\}\([0-9.]*\).*/\1/p' ;;
  esac
}

missing() {
  local product version
  for product in vault consul nomad docker; do
    if [ "$product" = docker ]; then wanted worker || continue; else wanted "$product" || continue; fi
    version=${product^^}_VERSION
    [ "$(installed "$product")" = "${!version}" ] || echo "$product ${!version} (found: $(installed "$product" || true))"
  done
  wanted worker || return 0
  compgen -G '/usr/lib/cni/bridge' >/dev/null || compgen -G '/opt/cni/bin/bridge' >/dev/null || echo 'CNI plugins'
  [ -x /opt/cni/bin/consul-cni ] || echo "consul-cni $CONSUL_CNI_VERSION"
  # Without one it is the directory, which is there.
  [ -x "/usr/bin/${REGISTRY_HELPER-}" ] || echo "$REGISTRY_HELPER"
}

# once: systemd or another script may hold apt's lock on a machine that has just started
apt() { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -qq "$@" >&2; }

# repository NAME ADDRESS KEY-ADDRESS FINGERPRINT COMPONENT
repository() {
  local key=/etc/apt/keyrings/$1.asc found codename
  install -d -m 0755 /etc/apt/keyrings
  curl -fsSL --proto '=https' --retry 5 --retry-all-errors -m 60 -o "$key.new" "$3" || fail "cannot fetch the key of $1's packages from $3"
  found=$(gpg --show-keys --with-colons "$key.new" 2>/dev/null | awk -F: '$1 == "pub" { p = 1 } $1 == "fpr" && p { print $10; p = 0 }')
  [ "$found" = "$4" ] || {
    rm -f "$key.new"
    fail "the key at $3 has the fingerprint ${found:-none}, not $4: nothing of $1 is installed"
  }
  chmod 0644 "$key.new" && mv "$key.new" "$key"
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  echo "deb [arch=$(dpkg --print-architecture) signed-by=$key] $2 $codename $5" >"/etc/apt/sources.list.d/$1.list"
}

install_all() {
  local packages=() os
  # shellcheck source=/dev/null
  os=$(. /etc/os-release && echo "$ID")
  case $os in debian | ubuntu) ;; *) fail "this image is $os: bake an image with the programs, or use Debian or Ubuntu" ;; esac
  apt update
  apt install -y --no-install-recommends ca-certificates curl gnupg jq logrotate nftables openssl systemd-resolved
  repository hashicorp "$HASHICORP_URL" "$HASHICORP_KEY_URL" "$HASHICORP_FINGERPRINT" main
  for product in vault consul nomad; do
    local version=${product^^}_VERSION
    if wanted "$product"; then packages+=("$product=${!version}-*"); fi
  done
  if wanted worker; then
    repository docker "$DOCKER_URL/$os" "$DOCKER_KEY_URL" "$DOCKER_FINGERPRINT" stable
    packages+=("consul-cni=$CONSUL_CNI_VERSION-*" "containernetworking-plugins=$CNI_PLUGINS_VERSION*" iptables
      "docker-ce=5:$DOCKER_VERSION-*" "docker-ce-cli=5:$DOCKER_VERSION-*" containerd.io ${REGISTRY_PACKAGE:+"$REGISTRY_PACKAGE"})
  fi
  apt update
  apt install -y --no-install-recommends --allow-downgrades --allow-change-held-packages "${packages[@]}" || fail "cannot install ${packages[*]}"
  apt-mark hold "${packages[@]%%=*}" >/dev/null
  # The packages' own examples would be read beside our configuration; their units stand behind ours.
  rm -f /etc/vault.d/vault.hcl /etc/consul.d/consul.hcl /etc/nomad.d/nomad.hcl
}

if [ -e /usr/local/share/ca-certificates/caravan.crt ]; then update-ca-certificates >/dev/null; fi
absent=$(missing)
if [ -n "$absent" ] && [ "${1-}" != check ]; then
  log "installing: $WANTED"
  install_all
  absent=$(missing)
fi
[ -z "$absent" ] || fail "not here: $(tr '\n' ';' <<<"$absent") make an image that has them, or let first boot install them (software: install)"
log "programs at their versions: $WANTED"
