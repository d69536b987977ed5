#!/bin/sh
# probe.sh IMAGE: what this kernel has, tried in a namespace that ends with this script. Prints `feature yes|no`.
image=$1
# Before the image is built the machine's own tools answer, where it has them.
if [ -x "$image/usr/bin/ip" ]; then run() { chroot "$image" "$@"; } else run() { "$@"; }; fi
try() {
	feature=$1
	shift
	if run "$@" >/dev/null 2>&1; then echo "$feature yes"; else echo "$feature no"; fi
}
has() { if [ -e "$2" ]; then echo "$1 yes"; else echo "$1 no"; fi; }

if grep -qw overlay /proc/filesystems; then echo "overlay yes"; else echo "overlay no"; fi
has multipath-hash /proc/sys/net/ipv4/fib_multipath_hash_fields
has mpls /proc/sys/net/mpls
command -v ip >/dev/null || [ -x "$image/usr/bin/ip" ] || exit 0
try veth ip link add p0 type veth peer name p1
try bridge ip link add p2 type bridge
try vxlan ip link add p3 type vxlan id 1 dstport 4789
try dummy ip link add p4 type dummy
try vrf ip link add p5 type vrf table 10
try vlan-filtering ip link set p2 type bridge vlan_filtering 1
try netem tc qdisc add dev p0 root netem delay 1ms
# A group needs a next hop, and that a device that is up.
run ip link set lo up
run ip nexthop add id 1 dev lo >/dev/null 2>&1
try resilient ip nexthop add id 10 group 1 type resilient buckets 8
[ ! -x "$image/usr/sbin/nft" ] || try nft-bridge nft add table bridge probe
