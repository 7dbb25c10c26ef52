import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { parseAddresses } from "./address.js";
import { Client } from "./client.js";
import type { ClientOptions, Session } from "./link.js";

export * from "./index.js";

const PORT = 8000;

/**
 * Connects over gRPC-Web (browsers, and whatever has fetch). From a page of another origin than the server's, the
 * server must allow that origin (its setting Listen:Origins).
 * @param address HOST:PORT of the server's HTTP endpoint, with or without http:// or https://.
 * @param session id and secret of one that exists already, to go on with it.
 */
export function connect(
  address: string | readonly string[] = `127.0.0.1:${PORT}`, options: ClientOptions = {}, session?: Session,
): Promise<Client> {
  const servers = parseAddresses(address, PORT);
  const transports = servers.map(({ url }) => createGrpcWebTransport({ baseUrl: url }));
  return Client.open(transports, options, session, servers.map(({ where }) => where));
}
