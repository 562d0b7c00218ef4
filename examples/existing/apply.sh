#!/usr/bin/env bash
# Synthesizes the platform and applies it, as whoever these variables say.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export VAULT_ADDR=${VAULT_ADDR:-http://127.0.0.1:8200} VAULT_TOKEN=${VAULT_TOKEN:-root}
export CONSUL_HTTP_ADDR=${CONSUL_HTTP_ADDR:-http://127.0.0.1:8500} NOMAD_ADDR=${NOMAD_ADDR:-http://127.0.0.1:4646}
export CONSUL_HTTP_TOKEN=${CONSUL_HTTP_TOKEN:-11111111-2222-3333-4444-555555555555}
export NOMAD_TOKEN=${NOMAD_TOKEN:-11111111-2222-3333-4444-555555555555}
out=${1:-cdktf.out}

[ -n "${CARAVAN_BUILT:-}" ] || npm run build
node dist/examples/existing/main.js "$out"
cd "$out/stacks/laptop-platform"
terraform init -input=false
terraform apply -input=false -auto-approve
