// Server-sent events over fetch, which can carry a token; the browser's own EventSource cannot.

/**
 * Reads events until the stream ends.
 * @param {string} path Where.
 * @param {string|null} token API token; null: none.
 * @param {Object<string, (data: string) => void>} handlers By the event's name.
 * @returns {Promise<boolean>} Whether the server refused for want of a token.
 */
export async function follow(path, token, handlers) {
  const reply = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  if (reply.status === 401 || reply.status === 403) return true;
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return false;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) handle(event, handlers);
  }
}

function handle(event, handlers) {
  const lines = event.split("\n");
  const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
  const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
  handlers[name]?.(data);
}
