# What ifconfig(8) and netstat(1) of FreeBSD print of this system.
use strict;
use warnings;
my $ip = "/usr/libexec/emu/linux/ip";

sub interfaces {
	my (%seen, @order);
	for my $line (`$ip -details -oneline link show`) {
		next unless $line =~ /^\d+: ([^:@]+)(?:@\S+)?: <([^>]*)> mtu (\d+)/;
		my ($name, $flags, $mtu) = ($1, $2, $3);
		$name = "lo0" if $name eq "lo";
		my ($mac) = $line =~ m{link/ether (\S+)};
		$seen{$name} = { mtu => $mtu, mac => $name =~ /^lo/ ? undef : $mac, up => $flags =~ /\bUP\b/, runs => $flags =~ /LOWER_UP/, text => "" };
		push @order, $name;
	}
	for my $line (`$ip -oneline address show`) {
		next unless $line =~ /^\d+: (\S+)\s+(inet6?) ([^\/]+)\/(\d+)/;
		my ($name, $family, $address, $length) = ($1 eq "lo" ? "lo0" : $1, $2, $3, $4);
		next unless $seen{$name};
		my $scope = $address =~ /^fe80/ ? "%$name" : "";
		next if $family eq "inet6" && $name =~ /^lo[1-9]/;
		$seen{$name}{text} .= $family eq "inet"
			? sprintf("\tinet %s netmask 0x%08x\n", $address, $length ? 0xffffffff << (32 - $length) & 0xffffffff : 0)
			: "\tinet6 $address$scope prefixlen $length\n";
	}
	for my $name (@order) {
		my $it = $seen{$name};
		my $kind = $name =~ /^lo/ ? "LOOPBACK" : "BROADCAST";
		my $flags = join(",", ($it->{up} ? "UP" : ()), $kind, ($it->{up} ? "RUNNING" : ()), "SIMPLEX", "MULTICAST");
		print "$name: flags=1008843<$flags> metric 0 mtu $it->{mtu}\n";
		print "\tether $it->{mac}\n" if $it->{mac};
		print $it->{text};
		print "\tmedia: Ethernet autoselect (1000baseT <full-duplex>)\n\tstatus: ", ($it->{runs} ? "active" : "no carrier"), "\n" unless $name =~ /^lo/;
	}
}

sub routes {
	print "Routing tables\n\nInternet:\nDestination        Gateway            Flags         Netif Expire\n";
	for my $line (`$ip -4 route show`) {
		next unless $line =~ /^(\S+)(?: via (\S+))? dev (\S+)(.*)/;
		my ($to, $via, $device, $more) = ($1, $2, $3, $4);
		my $flags = ($via ? "UG" : "U") . ($to =~ m{/} || $to eq "default" ? "" : "H") . ($more =~ /proto (bgp|zebra|186)/ ? "1" : "S");
		printf("%-18s %-18s %-13s %s\n", $to, $via // "link#1", $flags, $device);
	}
}
sub connections {
	my %states = ("ESTAB" => "ESTABLISHED");
	print "Active Internet connections (including servers)\nProto Recv-Q Send-Q Local Address          Foreign Address        (state)\n";
	for my $line (`/usr/libexec/emu/linux/ss -H -t -a -n -4`) {
		my ($state, $received, $sent, @ends) = split ' ', $line;
		my ($local, $peer) = map { s/^0\.0\.0\.0:/*:/r =~ s/:(\S+)$/.$1/r } @ends[0, 1];
		printf("%-5s %6d %6d %-22s %-22s %s\n", "tcp4", $received, $sent, $local, $peer, $states{$state} // $state =~ tr/-/_/r);
	}
}
my %shows = (routes => \&routes, connections => \&connections);
($shows{$ARGV[0]} // \&interfaces)->();
