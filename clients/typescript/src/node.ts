import { createGrpcTransport } from "@connectrpc/connect-node";
import { Client } from "./client.js";
import type { ClientOptions, Session } from "./link.js";

export * from "./index.js";

const LONGEST_MESSAGE = 512 * 1024 * 1024; // bytes

/**
 * Connects over gRPC (Node).
 * @param address the server's gRPC endpoint.
 * @param session id and secret of one that exists already, to go on with it.
 */
export function connect(
  address = "http://127.0.0.1:50051", options: ClientOptions = {}, session?: Session,
): Promise<Client> {
  const limits = { readMaxBytes: LONGEST_MESSAGE, writeMaxBytes: LONGEST_MESSAGE };
  return Client.open(createGrpcTransport({ baseUrl: address, ...limits }), options, session);
}
