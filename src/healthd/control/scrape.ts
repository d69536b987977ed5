/** The metrics over HTTP, for whoever is on this machine. */
import { createServer, type Server } from "node:http";
import type { Target } from "../config/service.ts";
import { contentType, formatMetrics } from "./metrics.ts";
import type { Status } from "./status.ts";

/** @param onError told if the port is taken; healthd does its work without */
export function serveMetrics({ address, port }: Target, status: () => Status, onError: (error: Error) => void): Server {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404, { "content-type": "text/plain" }).end("the metrics are at /metrics\n");
      return;
    }
    response.writeHead(200, { "content-type": contentType }).end(formatMetrics(status()));
  });
  server.on("error", onError);
  return server.listen(port, address);
}
