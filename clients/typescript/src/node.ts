import { connect as connectSocket } from "node:net";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { parseAddresses } from "./address.js";
import { Client } from "./client.js";
import { EMBEDDED, createEmbeddedTransport } from "./embedded.js";
import { ownSessions } from "./link.js";
import type { ClientOptions, Session } from "./link.js";

export * from "./index.js";

const LONGEST_MESSAGE = 512 * 1024 * 1024; // bytes
const PORT = 50051;

// A program that ends without having closed its client leaves no session behind.
process.on("beforeExit", () => void Promise.all([...ownSessions].map((link) => link.close())));

/**
 * Connects over gRPC (Node), past any proxy.
 * @param address HOST:PORT of the server's gRPC endpoint, with or without http:// or https://, or unix:PATH; or
 *   several, of which the next one is used once nobody listens at the last. Unless told otherwise what
 *   the environment variable PHYSINTUITION_SERVER names, else 127.0.0.1:50051. "embedded": the engine in this process;
 *   it wants the package koffi, and a library that PHYSINTUITION_LIBRARY may name.
 * @param session id and secret of one that exists already, to go on with it.
 */
export function connect(
  address: string | readonly string[] = process.env.PHYSINTUITION_SERVER || `127.0.0.1:${PORT}`,
  options: ClientOptions = {}, session?: Session,
): Promise<Client> {
  if (address === EMBEDDED) {
    return Client.open([createEmbeddedTransport()], options, session, ["this process"]);
  }

  const limits = { readMaxBytes: LONGEST_MESSAGE, writeMaxBytes: LONGEST_MESSAGE };
  const servers = parseAddresses(address, PORT);
  return Client.open(servers.map(({ url, path }) => {
    const nodeOptions = path === undefined ? {} : { createConnection: () => connectSocket(path) };
    return createGrpcTransport({ baseUrl: url, nodeOptions, ...limits });
  }), options, session, servers.map(({ where }) => where));
}
