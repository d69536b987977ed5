/** The text of an end of a segment, for rooms that see the plan and no topology: the drivers, for one. */
export { keyOf } from "../topology/end.ts";
