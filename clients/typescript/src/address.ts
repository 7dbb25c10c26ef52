/** Where a server is. */
export interface Address {
  /** http://HOST:PORT or https://HOST:PORT. */
  readonly url: string;
  /** A Unix domain socket, in place of the URL's host. */
  readonly path?: string;
  /** For people. */
  readonly where: string;
}

/**
 * HOST:PORT, with or without http:// or https://, or unix:PATH.
 * @param port where the address names neither port nor scheme.
 * @throws RangeError it has another form.
 */
export function parseAddress(address: string, port: number): Address {
  const text = address.trim();
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\//, "");
    return { url: "http://localhost", path, where: path };
  }

  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  let url: URL | undefined;
  try {
    url = new URL(hasScheme ? text : `http://${text}`);
  } catch {
    // Told below.
  }

  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "" || url.pathname !== "/" || url.search !== "" ||
    url.username !== "") {
    throw new RangeError(
      `address is '${address}'; it must be HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix:PATH, ` +
      `for example 127.0.0.1:${port}.`);
  }

  if (!hasScheme && url.port === "" && !text.endsWith(":80")) {
    url.port = String(port);
  }

  return { url: url.origin, where: url.host };
}

/** One address or several: a list, or a text with commas. @throws RangeError one has another form. */
export function parseAddresses(addresses: string | readonly string[], port: number): Address[] {
  const texts = typeof addresses === "string" ? addresses.split(",") : addresses;
  return texts.map((text) => parseAddress(text, port));
}

/** Why nobody can be reached, with the remedy, where a failed connection says so; Node alone does. */
export function whyUnreachable(failure: unknown, where: string): string | undefined {
  const remedy = "Start a server with './physintuition serve', or name another as address or in PHYSINTUITION_SERVER.";
  for (let cause = failure; cause instanceof Error; cause = cause.cause) {
    switch ((cause as { code?: unknown }).code) {
      case "ECONNREFUSED":
      case "ENOENT":
        return `Nobody listens at ${where}. ${remedy}`;
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return `There is no machine called '${where}'. ${remedy}`;
    }
  }

  return undefined;
}
