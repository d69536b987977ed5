/** Apache on a server: one small event-driven instance that is the same on all of them, and a page that is not. */
import type { WebControl } from "../kinds/kind.ts";
import type { Node, Plan } from "../plan/model.ts";
import { textOf } from "./line.ts";

/** The article's page to the byte; only the name differs. */
export function renderPage(node: Node): string {
  return textOf(["<html><body>", "<h1>It works!</h1>", "", escapeHtml(node.name), "</body></html>"]);
}

/** The account Apache gives its rights up for. */
const users = { debian: "www-data", freebsd: "www" };

/** Debian compiles some of these in, FreeBSD loads all. */
const modules = ["mpm_event", "unixd", "authz_core", "dir", "mime"];

/** The whole `httpd.conf`; it listens on the ports of all services of the lab, so that all servers have the same. */
export function renderHttpd(plan: Plan, node: Node, web: WebControl): string {
  const user = node.guest.os === "freebsd" ? users.freebsd : users.debian;
  const ports = [...new Set(plan.services.map(({ port }) => port))].toSorted((one, other) => one - other);
  return textOf([
    `ServerRoot ${quote(folderOf(web.conf))}`,
    // A name of its own would differ between servers, and without one Apache asks DNS.
    "ServerName localhost",
    // FreeBSD's rc script looks here; unlike Debian's folder of its own, it is there on every system.
    'PidFile "/var/run/httpd.pid"',
    ...ports.map((port) => `Listen 0.0.0.0:${port}`),
    "",
    ...modules.flatMap((name) => loadModule(web, name)),
    "",
    `User ${user}`,
    `Group ${user}`,
    "StartServers 1",
    "ServerLimit 2",
    "ThreadsPerChild 32",
    "MaxRequestWorkers 64",
    "MinSpareThreads 16",
    "MaxSpareThreads 64",
    "",
    "KeepAlive On",
    "KeepAliveTimeout 5",
    "# Errors only: a log of every probe would fill a small disk.",
    'ErrorLog "/var/log/httpd-error.log"',
    "LogLevel warn",
    "",
    "TypesConfig /dev/null",
    "AddType text/html .html",
    "DirectoryIndex index.html",
    `DocumentRoot ${quote(web.documentRoot)}`,
    '<Directory "/">',
    "    AllowOverride None",
    "    Require all denied",
    "</Directory>",
    `<Directory ${quote(web.documentRoot)}>`,
    "    Require all granted",
    "</Directory>",
  ]);
}

function loadModule(web: WebControl, name: string): readonly string[] {
  const path = quote(`${web.modules}/mod_${name}.so`);
  return [`<IfModule !${name}_module>`, `    LoadModule ${name}_module ${path}`, "</IfModule>"];
}

/** A directive's argument: Apache takes a backslash before a quote or another backslash. */
function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
