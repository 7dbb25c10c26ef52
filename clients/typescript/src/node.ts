import { createGrpcTransport } from "@connectrpc/connect-node";
import { Client } from "./client.js";
import type { ClientOptions } from "./link.js";

export * from "./index.js";

const LONGEST_MESSAGE = 512 * 1024 * 1024; // bytes

/** Connects over gRPC (Node). @param address the server's gRPC endpoint. */
export function connect(address = "http://127.0.0.1:50051", options: ClientOptions = {}): Promise<Client> {
  return Client.open(
    createGrpcTransport({ baseUrl: address, readMaxBytes: LONGEST_MESSAGE, writeMaxBytes: LONGEST_MESSAGE }), options);
}
