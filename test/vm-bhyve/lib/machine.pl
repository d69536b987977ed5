# A guest of a whole host: namespaces over the embedded image root, with the devices that bhyve's arguments say. Its serial
# port is /dev/nmdm-NAME.1B: what nobody listens to is lost.
package Machine;
use strict;
use warnings;
use Fcntl;
use POSIX qw(:sys_wait_h);

sub new {
	my ($class, $root, $name, $home, @argv) = @_;
	my $self = bless { root => $root, name => $name, home => $home, nics => [], disks => [] }, $class;
	while (my ($flag, $value) = splice(@argv, 0, 2)) {
		# Flags without a value come before those with one.
		if ($flag ne "-s") { unshift(@argv, $value) if defined $value && $flag =~ /^-[AHPwuS]+$/; next }
		my ($place, $type, @rest) = split(/[,]/, $value);
		my ($bus, $slot, $function) = split(/:/, $place);
		if ($type =~ /^(e1000|virtio-net)$/) {
			my ($mac) = map { /^mac=(.*)/ ? $1 : () } @rest;
			push @{ $self->{nics} }, { type => $type, tap => $rest[0], mac => $mac, slot => $slot, function => $function };
		} elsif ($type =~ /^(virtio-blk|nvme|ahci-hd|ahci-cd)$/) {
			push @{ $self->{disks} }, $rest[0];
		}
	}
	return $self;
}

# A pseudo terminal, and the path of its other side.
sub terminal {
	sysopen(my $master, "/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK) or die "ptmx: $!";
	my ($unlock, $number) = (pack("i", 0), pack("I", 0));
	ioctl($master, 0x40045431, $unlock);
	ioctl($master, 0x80045430, $number);
	return ($master, "/dev/pts/" . unpack("I", $number));
}

sub boot {
	my ($self) = @_;
	my ($root, $name) = ($self->{root}, $self->{name});
	($self->{console}, my $tty) = terminal();
	($self->{port}, my $port) = terminal();
	# It says that nobody listens only once somebody did.
	sysopen(my $once, $port, O_RDWR | O_NOCTTY);
	close $once;
	unlink "/dev/nmdm-$name.1B";
	symlink $port, "/dev/nmdm-$name.1B";
	# Held open, so that what the guest prints is not lost while no program of its has the terminal.
	sysopen($self->{held}, $tty, O_RDWR | O_NOCTTY) or die "$tty: $!";
	open($self->{log}, ">>", "$root/whole/$name.console");
	pipe(my $ready, my $told);
	pipe(my $wait, $self->{go});
	my $os = $self->kind();
	my $pid = fork();
	if ($pid == 0) {
		POSIX::setsid();
		POSIX::dup2(fileno($wait), 3);
		POSIX::dup2(fileno($told), 4);
		POSIX::dup2(fileno($self->{held}), $_) for 0, 1, 2;
		$^F = 4;
		fcntl(STDIN, F_SETFD, 0);
		POSIX::close($_) for 5 .. 20;
		%ENV = (PATH => "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL => "C.UTF-8");
		exec("unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
			"sh", "$self->{home}/guest/start.sh", $name, "$root/whole", $os, @{ $self->{disks} });
		exit 4;
	}
	close $told;
	$self->{child} = $pid;
	my $line = <$ready>;
	return unless defined $line;
	$self->plug($os);
	my ($slow) = grep { -e } "$root/faults/slow-boot-$name", "$root/boot-delay";
	my $delay = defined $slow ? slurp($slow) : 0;
	syswrite($self->{go}, "$delay\n");
}

# What is on the disk: the name of an image, whose kind says which system boots.
sub kind {
	my ($self) = @_;
	my $label = slurp($self->{disks}[0]) =~ /^(\S+)/ ? $1 : "";
	return $label =~ /^freebsd/ ? "freebsd" : $label =~ /^cumulus/ ? "cumulus" : "debian";
}

# The first line of a file, which may be an empty disk of many gigabytes.
sub slurp {
	open(my $file, "<", $_[0]) or return "";
	read($file, my $text, 256);
	return $text =~ /^([^\n\0]*)/ ? $1 : "";
}

# Network cards by the names that a system gives them before anybody has told it any: em by their order, enpXsY by the slot.
sub plug {
	my ($self, $os) = @_;
	my ($index, @batch) = (0);
	for my $nic (@{ $self->{nics} }) {
		my ($tap, $mac) = @$nic{qw(tap mac)};
		my $driver = $nic->{type} eq "e1000" ? "em" : "vtnet";
		my $name = $os eq "freebsd" ? "$driver$index" : $os eq "cumulus" ? ($index ? "swp$index" : "eth0")
			: "enp0s$nic->{slot}f$nic->{function}";
		$index++;
		$self->reconnect($tap);
		push @batch, "link set $tap up", "link set $tap.guest netns $self->{child} name $name address $mac";
	}
	open(my $ip, "|-", "ip", "-batch", "-") or die "ip: $!";
	print $ip map { "$_\n" } @batch;
	close $ip;
}

# The far end of a tap went with the guest that had it; a guest that reboots keeps its taps.
sub reconnect {
	my ($self, $tap) = @_;
	return if -e "/sys/class/net/$tap";
	my ($bridge) = map { m{/net/([^/]+)/members/} ? $1 : () } glob("$self->{root}/net/*/members/$tap");
	chomp(my $mtu = slurp("$self->{root}/net/$tap/mtu"));
	system("ip", "link", "add", $tap, "mtu", $mtu, "type", "veth", "peer", "name", "$tap.guest");
	system("ip", "link", "set", $tap, "master", $bridge) if defined $bridge;
}

# The power button: process 1 of the guest shuts it down.
sub press {
	my ($self) = @_;
	my ($init) = glob("/proc/$self->{child}/task/$self->{child}/children") ? split(" ", slurp("/proc/$self->{child}/task/$self->{child}/children")) : ();
	kill("TERM", $init) if $init;
}

sub cut {
	my ($self) = @_;
	kill("KILL", $self->{child});
	waitpid($self->{child}, 0);
	unlink "/dev/nmdm-$self->{name}.1B";
}

# Carries the serial port for a moment. The exit status once the guest has ended: 0 it reboots, 1 it is off.
sub turn {
	my ($self, $seconds) = @_;
	my $bits = "";
	vec($bits, fileno($self->{console}), 1) = 1;
	if (select(my $out = $bits, undef, undef, $seconds) > 0 && sysread($self->{console}, my $text, 4096)) {
		syswrite($self->{log}, $text);
		# Without a listener reading says so, and writing would fill the line.
		syswrite($self->{port}, $text) if $self->{heard};
	}
	my $got = sysread($self->{port}, my $typed, 4096);
	$self->{heard} = defined $got || $!{EAGAIN};
	syswrite($self->{console}, $typed) if $got;
	return undef unless waitpid($self->{child}, WNOHANG) > 0;
	unlink "/dev/nmdm-$self->{name}.1B";
	return ($? >> 8) == 0 && !($? & 127) ? 0 : 1;
}
1;
