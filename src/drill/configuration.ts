/** FRR's running configuration before and after: whether it says the same. */

/**
 * Statements with all that belongs to them, in no order. vtysh puts together what each daemon says in an order that changes
 * when one starts anew, and a daemon's host name is the one of the machine at its start; nobody has configured either.
 */
export function statementsOf(configuration: string): readonly string[] {
  const statements: string[] = [];
  for (const line of configuration.split("\n")) {
    if (line === "" || line === "!" || line === "exit" || line.startsWith("hostname ")) continue;
    if (line.startsWith(" ") && statements.length > 0) statements[statements.length - 1] += `\n${line}`;
    else statements.push(line);
  }
  return statements.toSorted();
}

/** Byte for byte where no daemon has started anew; otherwise by statements. */
export function isSameConfiguration(before: string, after: string, startedAnew: boolean): boolean {
  if (before === after) return true;
  return startedAnew && statementsOf(before).join("\n\n") === statementsOf(after).join("\n\n");
}
