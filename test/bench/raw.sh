#!/bin/sh
# raw.sh IMAGE DIRECTORY: the fastest way we know to make the same fabric by hand: one batch of namespaces, one of
# links, daemons in waves across the fabric with their configuration read at start, then router solicitations so that
# no session waits for an advertisement. No SSH, no Ansible, no DHCP, no Apache. Ends when every router's kernel has
# the routes that `lab up` waits for. Runs in namespaces of its own, which end with it.
set -eu
image=$1 plan=$2
root=$plan/root
mkdir -p "$root"
mount --bind "$image" "$root"
for place in run tmp etc/frr var/tmp var/lib/frr var/log/frr mnt; do mount -t tmpfs tmpfs "$root/$place"; done
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mkdir -p "$root/run/frr" "$root/run/netns"
mount --bind "$plan" "$root/mnt"
exec chroot "$root" /bin/sh -eu -c '
cd /mnt
nodes=$(cat nodes) routers=$(cat routers)
for node in $routers; do mkdir -p /run/frr/$node /etc/frr/$node; done
chown -R frr:frr /run/frr /etc/frr /var/lib/frr /var/log/frr
ip -batch netns.batch
for node in $nodes; do nsenter --net=/run/netns/$node sysctl -q -e -p $node/sysctl & done
wait
ip -batch links.batch
for node in $nodes; do ip -netns $node -force -batch $node/ip.batch & done
wait
export MALLOC_ARENA_MAX=1
for daemon in mgmtd zebra bfdd bgpd; do
	for node in $routers; do
		[ $daemon != bfdd ] || [ -s $node/bfdd.conf ] || continue
		file=; [ ! -f $node/$daemon.conf ] || file="-f /mnt/$node/$daemon.conf"
		nsenter --net=/run/netns/$node /usr/lib/frr/$daemon -d -N $node -P 0 $file </dev/null >/dev/null 2>&1 &
	done
	wait
done
solicit() { for node in $routers; do nsenter --net=/run/netns/$node perl solicit <$node/ports & done; wait; }
solicit
while read -r node prefix hops; do
	until [ "$(ip -netns "$node" route show "$prefix" | grep -o "via" | wc -l)" -ge "$hops" ]; do sleep 0.02; done
done <routes
echo converged
'
