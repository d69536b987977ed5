/** Debian's `daemons` file. Its start script always adds zebra, mgmtd and staticd. */
export const daemonLines: readonly string[] = [
  "bgpd=yes",
  "bfdd=yes",
  "",
  "# vtysh loads the integrated frr.conf once the daemons are up; nobody listens on TCP.",
  "vtysh_enable=yes",
  'zebra_options="-A 127.0.0.1 -P 0 -s 90000000"',
  'mgmtd_options="-A 127.0.0.1 -P 0"',
  'staticd_options="-A 127.0.0.1 -P 0"',
  'bgpd_options="-A 127.0.0.1 -P 0"',
  'bfdd_options="-A 127.0.0.1 -P 0"',
];
