# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# What every step stands on. Secrets pass through files below $tmp, in memory and root's alone; never through arguments
# or exported variables.
set -euo pipefail
shopt -s inherit_errexit
umask 077
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
unset "${!AWS_@}" "${!VAULT_@}" "${!CONSUL_@}" "${!NOMAD_@}"
. /etc/caravan/node
. /etc/caravan/environment
# Units have it from systemd; people who call caravan-node do not.
if [ -e /etc/caravan/proxy ]; then
  set -a
  . /etc/caravan/proxy
  set +a
fi
state=/var/lib/caravan
ca=/etc/caravan/ca.pem
mkdir -p "$state" /run/caravan
tmp=$(mktemp -d /run/caravan/XXXXXX)
trap 'rm -rf "$tmp"' EXIT
TMPDIR=$tmp
step=caravan
token=

log() { printf 'caravan %s: %s\n' "$step" "$*" >&2; }

fail() {
  log "$*"
  exit 1
}

runs() { [[ -n $1 && " $CARAVAN_RUNS " == *" $1 "* ]]; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local end=$((SECONDS + $1)) patience=$((SECONDS + 30)) limit_s=$1 what=$2
  shift 2
  until "$@"; do
    ((SECONDS < end)) || fail "$what: not within $limit_s s. Last answer: $(why)"
    if ((SECONDS > patience)); then
      patience=$end
      log "waiting up to $limit_s s: $what. Last answer: $(why)"
    fi
    sleep 2
  done
}

# call CURL-ARGUMENT...: status in $status, answer in $tmp/answer or the file $into. Tries again what may pass.
call() {
  local try left=${tries:-4}
  for ((try = 1; try <= left; try++)); do
    : >"$tmp/answer"
    status=$(curl -sS -m "${limit:-30}" -D "$tmp/headers" -o "${into:-$tmp/answer}" -w '%{http_code}' "$@" 2>"$tmp/curl") || status=000
    case $status in
      000 | 429 | 5??)
        if ((try < left)); then
          log "${asking-} does not answer, try $try of $left: $(why)"
          sleep "$try"
        fi
        ;;
      *) return ;;
    esac
  done
}

# The reason of a refusal. An answer that is no refusal may hold secrets and is not shown.
why() {
  case ${status-} in
    '') echo none ;;
    000) head -c 200 "$tmp/curl" ;;
    [23]*) echo "HTTP $status" ;;
    *) echo "HTTP $status $(tr -s ' \n' ' ' <"$tmp/answer" | head -c 300)" ;;
  esac
}

ok() { [[ $status == 2* ]]; }

# holds FILE CONDITION: whether it is JSON of which jq's condition is true. (jq -e of 1.6 finds an empty file true.)
holds() { [ "$(jq "($2) and true" "$1" 2>/dev/null)" = true ]; }

# api PRODUCT METHOD PATH [BODY-FILE]: asks the product on this node once, with the token in the file $token
api() {
  local header port host=CARAVAN_${1^^}_HOST at=127.0.0.1
  case $1 in
    vault) header=X-Vault-Token port=8200 ;;
    consul) header=X-Consul-Token port=8501 ;;
    nomad) header=X-Nomad-Token port=4646 ;;
  esac
  { if [ -n "$token" ]; then printf '%s: %s' "$header" "$(<"$token")"; fi; } >"$tmp/header"
  runs "$1" || at=${!host}
  tries=1 call --cacert "$ca" -H "@$tmp/header" -X "$2" ${4:+--data-binary "@$4"} "https://$at:$port/v1/$3"
}

# place FILE OWNER GROUP MODE: standard input becomes the file, whole or not at all
place() {
  local new=$1.new
  if ! { cat >"$new" && chown "$2:$3" "$new" && chmod "$4" "$new" && sync "$new" && mv "$new" "$1"; }; then
    rm -f "$new"
    fail "cannot write $1: $(df -h --output=avail "${1%/*}" | tail -1 | tr -d ' ') free on its disk"
  fi
}

# Consul and Nomad take a node's name from its host name. Their tokens are bound to the group in front.
take_name() {
  local name=$CARAVAN_GROUP-${me#i-}
  if [ "$(</proc/sys/kernel/hostname)" = "$name" ]; then return; fi
  echo "$name" | tee /etc/hostname >/proc/sys/kernel/hostname
  # Units that name the host were loaded under the old name; Vault's would be another server after the next boot.
  systemctl daemon-reload
}

up() { systemctl start --no-block "$@"; }
