/** Where a hypervisor is: `ssh://user@hv:22`, as `--host` takes it. */

export interface HostUrl {
  /** As it is shown and stored; two of the same text are the same place. */
  readonly text: string;
  readonly host: string;
  /** What OpenSSH would take where it is not said. */
  readonly user: string | undefined;
  readonly port: number | undefined;
}

const example = "for example ssh://root@hv1.example.org or ssh://user@192.0.2.7:2222";

/** Throws SyntaxError that says what is wrong. Nothing in the result can be taken for an option of ssh(1). */
export function parseHostUrl(given: string): HostUrl {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== "ssh:") throw new SyntaxError(`a hypervisor is named by an ssh:// URL, ${example}`);
  const complaint = complaints.find(([isWrong]) => isWrong(url))?.[1];
  if (complaint !== undefined) throw new SyntaxError(complaint);
  const host = hostOf(url);
  const user = url.username === "" ? undefined : url.username;
  const port = url.port === "" ? undefined : Number(url.port);
  const login = user === undefined ? "" : `${user}@`;
  const text = `ssh://${login}${host.includes(":") ? `[${host}]` : host}${port === undefined ? "" : `:${port}`}`;
  return { text, host, user, port };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

const complaints: readonly (readonly [isWrong: (url: URL) => boolean, complaint: string])[] = [
  [
    ({ password }) => password !== "",
    "a password in a URL ends up in histories and process lists: use a key or ssh-agent",
  ],
  [({ pathname, search, hash }) => !/^\/?$/.test(`${pathname}${search}${hash}`), `nothing may follow it, ${example}`],
  [({ hostname }) => hostname === "", `there is no host in it, ${example}`],
  [
    (url) => !/^[A-Za-z0-9][A-Za-z0-9._:-]*$|^::[0-9A-Fa-f:.]+$/.test(hostOf(url)),
    `that is no name or address of a host, ${example}`,
  ],
  [({ username }) => !/^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$/.test(username), `that is no name of a user, ${example}`],
  [({ port }) => port === "0", "there is no port 0"],
];
