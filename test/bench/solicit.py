"""solicit.py PORT...: one ICMPv6 router solicitation (RFC 4861, 4.1) on each port; FRR answers with an advertisement."""

import socket
import struct
import sys

peer = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
peer.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
for port in sys.argv[1:]:
    try:
        peer.sendto(struct.pack("!BBHI", 133, 0, 0, 0), ("ff02::2", 0, 0, socket.if_nametoindex(port)))
    except OSError:
        pass  # A link that is not up yet: the fast advertisements of its start will do.
