#!/bin/bash
# Stands in for systemd in a host that has none: runs the services' own unit files, as far as who runs what with which
# environment, stops by SIGINT as they do, and starts again what has ended. What it was asked stands in /var/log/units/asked.
verb=$1
shift
signal=
names=()
while [ $# -gt 0 ]; do
  case $1 in -s) signal=$2; shift ;; -*) ;; *) names+=("$1") ;; esac
  shift
done
mkdir -p /run/units /var/log/units
alive() { [ -s "/run/units/$1" ] && kill -0 "$(<"/run/units/$1")" 2>/dev/null; }
start() {
  alive "$1" && return
  rm -f "/run/units/$1.stopped"
  : >"/run/units/$1"
  # The keeper of the time before may still be about to look whether it was stopped.
  echo $$ >"/run/units/$1.keeper"
  KEEPER=$$ setsid "$0" keep "$1" </dev/null >>"/var/log/units/$1" 2>&1 &
  until [ -s "/run/units/$1" ]; do sleep 0.02; done
}
keep() {
  until [ -e "/run/units/$1.stopped" ] || [ "$(<"/run/units/$1.keeper")" != "$KEEPER" ]; do
    "$0" run "$1" &
    echo $! >"/run/units/$1"
    if wait $!; then
      if oneshot "$1"; then return; fi
    else
      echo "$1 ended with $?"
    fi
    sleep 0.5
  done
}
oneshot() { [ "$(option "$1" Type)" = oneshot ]; }
option() { sed -n "s/^$2=//p" "/etc/systemd/system/$1"; }
run() {
  local user file before
  user=$(option "$1" User)
  set -a
  for file in $(option "$1" EnvironmentFile); do if [ -e "${file#-}" ]; then . "${file#-}"; fi; done
  eval "$(option "$1" Environment | sed "s/%H/$(</proc/sys/kernel/hostname)/")"
  set +a
  unset -- $(option "$1" UnsetEnvironment)
  before=$(option "$1" ExecStartPre)
  ${before#-}
  cd /
  exec setpriv --reuid "${user:-root}" --regid "${user:-root}" --clear-groups $(option "$1" ExecStart)
}
stop() {
  touch "/run/units/$1.stopped"
  alive "$1" || return 0
  if oneshot "$1" || grep -qs SIGTERM "/run/systemd/system/$1.d/leave.conf"; then signal=TERM; fi
  kill "-${signal:-INT}" "$(<"/run/units/$1")"
  while alive "$1"; do sleep 0.05; done
}
if [[ $verb != keep && $verb != run && ${#names[@]} -gt 0 ]]; then echo "$verb ${names[*]}" >>/var/log/units/asked; fi
for name in "${names[@]}"; do
  case $verb in
    start | enable) start "$name" ;;
    keep) keep "$name" ;;
    run) run "$name" ;;
    stop) stop "$name" ;;
    restart) stop "$name"; start "$name" ;;
    reload) kill -HUP "$(<"/run/units/$name")" ;;
    is-failed) exit 1 ;;
    is-active) alive "$name" || exit 3 ;;
  esac
done
