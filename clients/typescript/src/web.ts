import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { Client } from "./client.js";
import type { ClientOptions } from "./link.js";

export * from "./index.js";

/** Connects over gRPC-Web (browsers, and whatever has fetch). @param address the server's HTTP endpoint. */
export function connect(address = "http://127.0.0.1:8000", options: ClientOptions = {}): Promise<Client> {
  return Client.open(createGrpcWebTransport({ baseUrl: address }), options);
}
