/** Small real servers on free ports of the loopback, closed when the test is over. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { Target } from "../../src/healthd/config/service.ts";

/** Any server of `node:net`, listening. */
export async function listening(server: Server): Promise<Target> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

export function tcpServer(serve: (socket: Socket) => void): Promise<Target> {
  return listening(createServer(serve));
}

export function httpServer(serve: RequestListener): Promise<Target> {
  return listening(createHttp(serve));
}

/** @param answer none if it returns nothing */
export async function udpServer(answer: (question: Buffer) => readonly Buffer[]): Promise<Target> {
  const socket = createSocket("udp4");
  socket.on("message", (question, { address, port }) => {
    for (const each of answer(question)) socket.send(each, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return { address: "127.0.0.1", port: socket.address().port };
}

/** A port where nobody listens. */
export async function deadTarget(): Promise<Target> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return { address: "127.0.0.1", port };
}
