/** What goes where on a server: the list whoever deploys healthd works through. Pure; the files themselves are not read. */

/** How healthd is started there and started again. */
export type Supervision = "systemd" | "rc" | "plain";

export interface DeployedFile {
  /** Within the package's folder; for modules within that of this room's built modules. */
  readonly from: string;
  readonly built: boolean;
  /** On the server. */
  readonly to: string;
  readonly mode: number;
}

export const libexec = "/usr/local/libexec/healthd";

/** Where renderHealthd's files go. */
export function configFolder(supervision: Supervision): string {
  return supervision === "rc" ? "/usr/local/etc/healthd" : "/etc/healthd";
}

/**
 * @param modules the built modules of this room, as `folder/name.js`; with `package.json`, which says that they are modules,
 * plain Node runs them
 */
export function deployedFiles(modules: readonly string[], supervision: Supervision): readonly DeployedFile[] {
  const programs = [
    "actuator",
    ...(supervision === "rc" ? ["guard"] : []),
    ...(supervision === "plain" ? ["plain"] : []),
  ];
  const parts = ["services.sh", supervision === "rc" ? "freebsd.sh" : "linux.sh", "package.json"];
  return [
    ...modules.map((module) => ({ from: module, built: true, to: `${libexec}/${module}`, mode: 0o644 })),
    ...programs.map((name) => own(name, `${libexec}/${name}`, 0o755)),
    ...parts.map((name) => own(name, `${libexec}/${name}`, 0o644)),
    own("healthctl", "/usr/local/bin/healthctl", 0o755),
    ...(supervision === "systemd" ? [own("healthd.service", "/etc/systemd/system/healthd.service", 0o644)] : []),
    ...(supervision === "rc" ? [own("healthd.rc", "/usr/local/etc/rc.d/healthd", 0o755)] : []),
  ];
}

function own(name: string, to: string, mode: number): DeployedFile {
  return { from: `images/healthd/${name}`, built: false, to, mode };
}
