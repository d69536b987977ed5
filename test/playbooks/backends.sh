#!/bin/sh
# Runs playbooks/anycast.yaml twice against leaves that only look like Cumulus: our "net" or "nv" is put on them first.
# Usage: backends.sh nclu|nvue SSH_CONFIG INVENTORY. The leaves run FRR with a "router bgp" and have the ports named in
# the inventory; nclu also needs community.network 5.x where Ansible finds it (Debian 12: package "ansible", or
# ANSIBLE_COLLECTIONS_PATH). They keep the change afterwards, so give it a throw-away lab.
set -eu
backend=$1 ssh_config=$(realpath "$2") inventory=$(realpath "$3")
here=$(dirname "$(realpath "$0")")
case $backend in nclu) tool=net ;; nvue) tool=nv ;; *) echo "nclu or nvue, not $backend" >&2; exit 2 ;; esac
cd "$here/../../playbooks"
export ANSIBLE_SSH_ARGS="-F $ssh_config" ANSIBLE_NOCOLOR=1
leaves=$(ansible -i "$inventory" leaf --list-hosts | sed 1d)
[ -n "$leaves" ] || { echo "no host in group leaf of $inventory" >&2; exit 2; }
for leaf in $leaves; do
  ssh -F "$ssh_config" "$leaf" "cat > /usr/bin/$tool && chmod +x /usr/bin/$tool" < "$here/$tool"
done

run() { ansible-playbook -i "$inventory" -e "lab_backend=$backend" anycast.yaml; }
first=$(run) || { echo "$first"; exit 1; }
second=$(run) || { echo "$second"; exit 1; }
failed=0
for leaf in $leaves; do
  echo "$first" | grep -q "^$leaf .* changed=2 " || { echo "not ok: $leaf, first run: expected changed=2"; failed=1; }
  echo "$second" | grep -q "^$leaf .* changed=0 " || { echo "not ok: $leaf, second run: expected changed=0"; failed=1; }
  [ "$backend" = nclu ] || continue
  # The point of "atomic": the lines are in FRR and in the kernel, not merely staged.
  ssh -F "$ssh_config" "$leaf" 'test -z "$(net pending)" && vtysh -c "show running-config" |
    grep -q "neighbor anycast prefix-list anycast in"' || { echo "not ok: $leaf, nothing was committed"; failed=1; }
done
[ "$failed" -eq 0 ] || { echo "$first"; echo "$second"; exit 1; }
echo "ok: $backend on $(echo "$leaves" | wc -w) leaves, changed=2, then changed=0"
