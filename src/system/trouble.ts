/** What the file system refuses, as errors a user can act on: path, reason, way out. */
import { HostError } from "../errors.ts";

/** An error of a system call about a path, as Node has it. */
export interface Trouble extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path: string;
}

export function isTrouble(error: unknown): error is Trouble {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    "syscall" in error &&
    "path" in error &&
    typeof error.path === "string"
  );
}

/** `not a directory`, of `ENOTDIR: not a directory, mkdir '/dev/null/x'`. */
export function reasonOf(error: Trouble): string {
  if (error.code === "EISDIR") return "is a directory";
  return /^[A-Z0-9]+: ([^,]+),/.exec(error.message)?.[1] ?? error.message;
}

export function troubleError(error: Trouble): HostError {
  return new HostError({
    code: "E_FILE",
    message: `${error.path}: ${reasonOf(error)} (${error.syscall})`,
    hint: hints[error.code] ?? places,
    cause: error,
  });
}

const places = "LAB_STATE_DIR and LAB_CACHE_DIR say where lab keeps its files";
const rights = `become its owner, or choose another place: ${places}`;
const room = `make room there, or choose another place: ${places}`;

const hints: Readonly<Record<string, string>> = {
  EACCES: rights,
  EPERM: rights,
  EROFS: rights,
  ENOSPC: room,
  EDQUOT: room,
  EMFILE: "allow more open files: ulimit -n 4096",
};

/** Calls on open files do not say which: theirs get the path. Anything that is no error of the system goes on as it is. */
export function withPath(error: unknown, path: string): unknown {
  return error instanceof Error && "syscall" in error && !("path" in error) ? Object.assign(error, { path }) : error;
}
