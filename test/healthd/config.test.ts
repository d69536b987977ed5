import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, parseServices } from "../../src/healthd/config/parse.ts";
import { renderHealthd } from "../../src/healthd/config/render.ts";
import { defaultRules, disableFileOf, type Service } from "../../src/healthd/config/service.ts";
import { service } from "./services.ts";

const web = ["prefix = 172.20.0.1/32", "interface = lo1", "check = http", "target = 127.0.0.1:80"];

function problemsOf(...files: readonly (readonly [name: string, lines: readonly string[]])[]): string {
  try {
    parseServices(files.map(([name, lines]) => ({ file: `${name}.conf`, text: lines.join("\n") })));
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

test("a file says what differs from the defaults", () => {
  const text = [
    "# the article's page",
    ...web,
    "path = /index.html   # percent-encoded",
    'expect-body = "It # works!"',
    "expect-status = 200-299, 304",
    "cover = 172.20.0.1/31",
    "fail = 4",
    "timeout = 0.25",
    'on-change = /usr/local/libexec/hook "two words"',
  ].join("\n");
  expect(parseServices([{ file: "/etc/healthd/web.conf", text }])).toEqual([
    {
      name: "web",
      prefixes: ["172.20.0.1/32"],
      interface: "lo1",
      cover: { prefix: "172.20.0.1/31", interface: "lo9" },
      check: {
        kind: "http",
        target: { address: "127.0.0.1", port: 80 },
        method: "GET",
        path: "/index.html",
        statuses: [
          [200, 299],
          [304, 304],
        ],
        body: { by: "text", value: "It # works!" },
        tls: { verify: true },
      },
      rules: { ...defaultRules, fall: 4, timeoutMs: 250, covered: true },
      disableFile: "/var/run/healthd/web.disable",
      onChange: ["/usr/local/libexec/hook", "two words"],
    },
  ]);
});

describe("mistakes", () => {
  test("come all at once, each with file, line, column and the way out", () => {
    const problems = problemsOf(["web", ["interface = lo0", "colour = red", "check = http", "rise = 0", "nonsense"]]);
    expect(problems).toBe(
      [
        "web.conf:1:1: `prefix` is missing",
        "    add a line `prefix = …`",
        "web.conf:1:1: `target` is missing",
        "    add a line `target = …`",
        "web.conf:1:13: `lo0` is no loopback interface of its own",
        "    lo1 and up; lo and lo0 are the system's",
        "web.conf:2:1: `colour` is not known",
        expect.any(String),
        "web.conf:4:8: `0` is no whole number from 1 to 100",
        "    for example 1",
        "web.conf:5:1: this is no `key = value`",
        "    comments begin with #",
      ]
        .map((line, index) => (typeof line === "string" ? line : problems.split("\n")[index]))
        .join("\n"),
    );
    expect(problems).toContain("known are name, prefix, interface");
  });

  test.each([
    ["a target that is an anycast address", [...web.slice(0, 3), "target = 172.20.0.1:80"], "another server answers"],
    ["a target by name", [...web.slice(0, 3), "target = localhost:80"], "names would need a resolver"],
    ["a key twice", [...web, "rise = 2", "rise = 3"], "`rise` is said twice\n    the first is in line 5"],
    ["a key of another check", [...web, "query = example.org"], "`query` means nothing with check = http"],
    ["two ways to match", [...web, "expect-body = a", "expect-regex = b"], "in one way only"],
    ["quotes that do not end", [...web, 'expect-body = "a'], "these quotes do not end"],
    ["no regular expression", [...web, "expect-regex = ("], "is no regular expression"],
    ["a lease that checks cannot keep", [...web, "interval = 5"], "write at least 6"],
    ["a window that is too small", [...web, "window = 5"], "do not fit into the window"],
    [
      "a cover on the same interface",
      [...web, "cover = 172.20.0.1/31", "cover-interface = lo1"],
      "an interface of its own",
    ],
    ["a cover of another address", [...web, "cover = 172.20.0.0/31"], "write 172.20.0.1/31"],
    [
      "a command for a shell",
      ["prefix = 172.20.0.1/32", "interface = lo1", "check = exec", "command = true"],
      "no shell reads it",
    ],
    ["another name than the file's", [...web, "name = www"], "the file is called web"],
    ["a prefix that is too large", ["prefix = 172.20.0.0/24", ...web.slice(1)], "no list of different /32 prefixes"],
    ["statuses that are none", [...web, "expect-status = 2xx"], "no set of HTTP statuses"],
  ])("%s", (_, lines, message) => {
    expect(problemsOf(["web", lines])).toContain(message);
  });

  test("two services share neither interface nor prefix nor a cover's interface", () => {
    const other = ["prefix = 172.20.0.1/32", "interface = lo9", "check = tcp", "target = 127.0.0.1:1"];
    const problems = problemsOf(["a", [...web, "cover = 172.20.0.1/31"]], ["b", other]);
    expect(problems).toContain("b.conf:1:10: 172.20.0.1/32 is announced by a");
    expect(problems).toContain("b.conf:2:13: lo9 is the interface of a");
  });

  test("a service's target may be no other service's address either", () => {
    const other = ["prefix = 172.20.0.2/32", "interface = lo2", "check = tcp", "target = 172.20.0.1:80"];
    expect(problemsOf(["a", web], ["b", other])).toContain("b.conf:4:10: 172.20.0.1 is an anycast address");
  });

  test("a file's name is a service's", () => {
    expect(problemsOf(["../Web", web])).toContain("cannot be called `Web`");
  });

  test("are all that hostile text leads to", () => {
    const line = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom("prefix", "check", "target", "rise", "command"), fc.string()),
    );
    fc.assert(
      fc.property(fc.array(line), (all) => {
        const text = all.map((each) => (typeof each === "string" ? each : each.join(" = "))).join("\n");
        expect(() => parseServices([{ file: "x.conf", text }])).toThrow(ConfigError);
      }),
    );
  });
});

describe("rendered files", () => {
  test("are read back as the same value", () => {
    fc.assert(
      fc.property(service, (value) => {
        const files = renderHealthd([value]).map(({ path, text }) => ({ file: `/etc/healthd/${path}`, text }));
        expect(parseServices(files)).toEqual([value]);
      }),
    );
  });

  test("say everything, so that they can be read without the defaults", () => {
    const value: Service = {
      name: "dns",
      prefixes: ["172.20.0.1/32", "172.20.0.2/32"],
      interface: "lo1",
      check: {
        kind: "dns",
        target: { address: "::1", port: 53 },
        transport: "udp",
        query: "www.example.org",
        type: "A",
        answer: "192.0.2.1",
      },
      rules: defaultRules,
      disableFile: disableFileOf("dns"),
    };
    expect(renderHealthd([value])[0]?.text.split("\n").slice(0, 10)).toEqual([
      "name = dns",
      "prefix = 172.20.0.1/32 172.20.0.2/32",
      "interface = lo1",
      "check = dns",
      "target = [::1]:53",
      "transport = udp",
      "query = www.example.org",
      "query-type = A",
      "expect-answer = 192.0.2.1",
      "interval = 1",
    ]);
  });
});
