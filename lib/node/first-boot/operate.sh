#!/usr/bin/env bash
# caravan-node: what an operator does on a node, and what its timers do.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154
cd /usr/local/lib/caravan || exit
. ./common.sh
. "./$CARAVAN_CLOUD.sh"
. ./leave.sh
. ./status.sh
if [ "$CARAVAN_ROLE" = server ]; then for part in document certificates hand-over vault consul snapshot restore recover turn rotate introduce; do . "./$part.sh"; done; fi

usage() {
  cat >&2 <<USAGE
caravan-node status                          how this node is; fails if it is not well
caravan-node snapshot                        save what this server leads to the bucket
caravan-node restore PRODUCT [SNAPSHOT]      make a snapshot, the latest if none is named, the truth again
caravan-node recover PRODUCT                 go on with this server alone, where most others are lost for good
caravan-node leave                           take this node out of everything, so that it can end
caravan-node rotate gossip PRODUCT | ca trust|switch|drop | token NAME | recovery    docs/rotation.md
USAGE
  exit 64
}

[ "$(id -u)" = 0 ] || fail "this takes root: sudo caravan-node $*"
step=${1-}
case $CARAVAN_ROLE/$step in
  */status | */leave | */watch | */ending | server/snapshot | server/restore | server/recover | server/rotate | server/introduce) ;;
  worker/snapshot | worker/restore | worker/recover | worker/rotate) fail "this is a worker: run it on a server" ;;
  *) usage ;;
esac
who_am_i
shift
"do_$step" "$@"
