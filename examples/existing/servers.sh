#!/usr/bin/env bash
# Runs Vault, Consul and Nomad in development mode until it is interrupted. Everything is in memory. Nomad's client needs root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
trap 'kill 0' EXIT

vault server -dev -dev-no-kv -dev-no-store-token -dev-root-token-id=root &
consul agent -dev -config-file=consul.hcl &
nomad agent -dev -config=nomad.hcl &

# Until it is up it refuses; a second time it says that it was done.
until curl -fsS -X POST -d '{"BootstrapSecret":"11111111-2222-3333-4444-555555555555"}' \
  http://127.0.0.1:4646/v1/acl/bootstrap > /dev/null 2>&1; do sleep 1; done
echo "== Vault, Consul and Nomad are ready"
wait
