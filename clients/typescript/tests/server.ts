// One real server for a test file, on free ports.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PROGRAM = `${ROOT}artifacts/bin/PhysIntuition.Server/release/PhysIntuition.Server.dll`;

/** Where a server of this test's own listens. */
export interface Server extends AsyncDisposable {
  readonly grpc: string;
  readonly http: string;
}

/** Starts it. @throws Error the server is not built. */
export async function serve(...options: string[]): Promise<Server> {
  if (!existsSync(PROGRAM)) {
    throw new Error("The server is not built; ./physintuition setup server builds it.");
  }

  const port = options.includes("--port") ? [] : ["--port", "0"];
  const child = spawn("dotnet", [PROGRAM, "serve", ...port, "--http-port", "0", "--log", "Warning", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for await (const line of createInterface(child.stdout)) {
    const words = Object.fromEntries(line.split(" ").filter((word) => word.includes("=")).map((word) => word.split("=")));
    if (words.grpc !== undefined) {
      child.stdout.resume();
      return {
        grpc: words.grpc,
        http: words.http,
        async [Symbol.asyncDispose]() {
          child.kill();
          await ended;
        },
      };
    }
  }

  throw new Error("The server ended before it listened.");
}
