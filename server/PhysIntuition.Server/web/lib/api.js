// What pages ask of the server. Every address is a pure function of its query, so replies may be cached.

/** Fetches JSON; a refusal throws the server's own sentence, with the HTTP status. */
export async function get(path, init) {
  const response = await fetch(path, init).catch(() => {
    throw new Error("The server does not answer. Try again.");
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(body.detail ?? `${path}: HTTP ${response.status}`), { status: response.status });
  return body;
}

let tasks;

/** All tasks that this server can show. */
export async function listTasks() {
  tasks ??= get("/api/tasks");
  return (await tasks).filter((task) => task.isReady);
}

/** The address of something about a scene. */
export function sceneUrl({ task, split = "train", seed, options, answers }, part = "", more = {}) {
  const query = new URLSearchParams({ seed, split });
  if (options && options !== "{}") query.set("options", options);
  if (answers && answers.length > 0) query.set("answers", JSON.stringify(answers));
  for (const [key, value] of Object.entries(more)) query.set(key, value);
  return `/api/scenes/${encodeURIComponent(task)}${part}?${query}`;
}

/** A seed that nobody has thought of, small enough to be read aloud. */
export const anySeed = () => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;

/** A name for people: "Offset-v1" is "Offset", "SslJigsaw-v1" is "Jigsaw". */
export const nameOf = (id) => id.replace(/-v\d+$/, "").replace(/^Ssl/, "").replace(/([a-z])([A-Z])/g, "$1 $2");
