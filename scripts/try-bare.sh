#!/bin/sh
# try-bare.sh root|user|sudo [test]: what scripts/try-bare.ts does inside the bare root, as its first process.
who=$1 test=${2:-}
failed=0 home=/root
[ "$who" = root ] || home=/home/somebody

# step TITLE EXPECTED-EXIT-CODE COMMAND: as the one whom we try, in the checkout.
step() {
	printf '\n=== %s\n$ %s\n' "$1" "$3"
	begin=$(date +%s)
	if [ "$who" = root ]; then
		(cd "$home/lab" 2>/dev/null || cd "$home" && HOME=$home sh -c "$3") </dev/null
	else
		(cd "$home/lab" 2>/dev/null || cd "$home" && HOME=$home USER=somebody LOGNAME=somebody \
			setpriv --reuid=somebody --regid=somebody --init-groups sh -c "$3") </dev/null
	fi
	code=$?
	printf '=== exit code %s after %s s\n' "$code" "$(($(date +%s) - begin))"
	[ "$code" = "$2" ] || { failed=$((failed + 1)); echo "FAILED: $1: expected $2"; }
}

step "clone" 0 "git clone --quiet /srv/lab.git lab"
if [ "$who" = user ]; then
	step "npm start may not install packages and says what to do" 3 "npm start >/tmp/refused 2>&1; code=\$?; cat /tmp/refused; exit \$code"
	command=$(sed -n 's/.*as root: //p' /tmp/refused | head -1)
	printf '\n=== root does as told\n# %s\n' "$command"
	sh -c "$command" >/tmp/apt.log 2>&1 </dev/null || { tail /tmp/apt.log; failed=$((failed + 1)); }
fi
step "npm start" 0 "npm start"
step "status" 0 "bin/lab.mjs status"
step "exec" 0 "bin/lab.mjs exec spine01 -- ip route show 172.20.0.1"
step "curl" 0 "bin/lab.mjs exec laptop -- curl -s http://172.20.0.1/"
step "ssh" 0 "ssh -F ~/.local/state/lab/anycast/ssh_config server02 'hostname; ip -brief address show em0'"
step "npm start again" 0 "npm start"
step "break a leaf" 0 "bin/lab.mjs exec leaf03 -- sh -c 'kill \$(cat /run/frr/bgpd.pid)'"
step "verify names it" 1 "bin/lab.mjs verify >/tmp/verify.txt; code=\$?; grep leaf03 /tmp/verify.txt | head -5; exit \$code"
step "up mends it" 0 "bin/lab.mjs up --plain 2>&1 | tail -3; bin/lab.mjs verify | tail -2"
step "down" 0 "bin/lab.mjs down"
echo "=== left: processes, mounts, files"
ps -e -o pid,user,args

grep -F "$home" /proc/mounts
find "$home/.local/state/lab" -type f
if [ "$test" = test ]; then
	if [ "$who" = user ]; then
		step "npm test says what it lacks" 3 "npm test >/tmp/refused 2>&1; code=\$?; cat /tmp/refused; exit \$code"
		sh -c "$(sed -n 's/.*as root: //p' /tmp/refused | head -1)" >/tmp/apt.log 2>&1 </dev/null || { tail /tmp/apt.log; failed=$((failed + 1)); }
	fi
	step "npm test" 0 "npm test"
fi
step "npm install -g" 0 "npm install --global --prefix ~/prefix . && ~/prefix/bin/lab --version"
printf '\n%s steps failed\n' "$failed"
[ "$failed" = 0 ]
