/** Numbers of the guard rails that the playbook sets and verification looks for. */

/** Most prefixes a server may announce before its leaf hangs up (`maximum-prefix`, an alarm behind the prefix-list). */
export const mostPrefixes = 8;
