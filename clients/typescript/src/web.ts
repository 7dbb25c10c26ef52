import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { Client } from "./client.js";
import type { ClientOptions, Session } from "./link.js";

export * from "./index.js";

/**
 * Connects over gRPC-Web (browsers, and whatever has fetch). From a page of another origin than the server's, the
 * server must allow that origin (its setting Listen:Origins).
 * @param address the server's HTTP endpoint.
 * @param session id and secret of one that exists already, to go on with it.
 */
export function connect(
  address = "http://127.0.0.1:8000", options: ClientOptions = {}, session?: Session,
): Promise<Client> {
  return Client.open(createGrpcWebTransport({ baseUrl: address }), options, session);
}
