// A server of this checkout on free ports, with a leaderboard of its own.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = join(root, "artifacts/bin/PhysIntuition.Server/release/PhysIntuition.Server.dll");

export async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), "pages-"));
  const child = spawn("dotnet", [
    program, "serve", "--port", "0", "--http-port", "0", "--log", "Warning",
    "--set", `Leaderboard:Folder=${folder}`, "--set", "Leaderboard:BaselineScenes=0",
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const [grpc, address] = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      const announced = /grpc=http:\/\/(\S+) .*http=(http:\S+)/.exec(text);
      if (announced) resolve(announced.slice(1));
    });
    child.on("exit", (code) => reject(new Error(`The server ended with code ${code}. ${text}`)));
  });
  return {
    address,
    grpc,
    get: (path) => ask(address + path),
    post: (path, body, headers = {}) => ask(address + path, {
      method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers },
    }),
    async stop() {
      child.removeAllListeners("exit");
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Plays a held-out run to its end with one answer for every scene; usage is what it says that it took. */
export async function playRun(server, request, text, usage) {
  const { run, token } = await server.post("/api/leaderboard/runs", request);
  const headers = { "physintuition-run-token": token };
  const answers = Array.from({ length: request.count }, (_, scene) => ({ scene, text, confidence: 0.7 }));
  await server.post(`/api/leaderboard/runs/${run}/answers`, { answers }, headers);
  return server.post(`/api/leaderboard/runs/${run}/close`, usage ? { usageJson: JSON.stringify(usage) } : {}, headers);
}

async function ask(url, init) {
  const reply = await fetch(url, init);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${text}`);
  return JSON.parse(text);
}
