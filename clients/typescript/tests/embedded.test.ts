import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Code, connect, PhysIntuitionError } from "../src/node.js";
import type { Client } from "../src/node.js";
import { serve } from "./server.js";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));

let client: Client;
before(async () => {
  client = await connect("embedded");
});
after(() => client.close());

async function scenes(of: Client, seed: number): Promise<unknown> {
  await using towers = await of.make("Offset-v1", { slots: 3, observe: ["scene_hash", "rgb"], width: 48, height: 32 });
  const shown = await towers.reset({ seed });
  return [shown.tensor("scene_hash").data, shown.tensor("rgb").data];
}

test("the engine in this process shows what a server shows", async () => {
  await using server = await serve();
  await using there = await connect(server.grpc);
  assert.deepEqual(await scenes(client, 11), await scenes(there, 11));
});

test("environments side by side each have their own scenes, in sessions that share the engine", async () => {
  await using other = await connect("embedded");
  const seeds = [1, 2, 3, 4];
  const expected = [];
  for (const seed of seeds) {
    expected.push(await scenes(client, seed));
  }

  assert.deepEqual(await Promise.all(seeds.map((seed) => scenes(seed % 2 === 0 ? client : other, seed))), expected);
});

test("a refusal names code, reason and field", async () => {
  await assert.rejects(client.make("Stability-v1", { observe: ["smell"] }), (error: PhysIntuitionError) =>
    error.code === Code.InvalidArgument && error.field === "observe.names" && error.reason !== "");
  await assert.rejects(client.task("Stabilty-v1"), /Did you mean 'Stability-v1'/);
});

test("what wants a server is refused with the remedy", async () => {
  assert.throws(() => client.session, /wants a server.*PHYSINTUITION_SERVER/);
  await assert.rejects(connect("embedded", {}, { id: "a", token: "b" }), /wants a server/);
});

test("rows of a dataset come until the loop is left", async () => {
  let rows = 0;
  for await (const chunk of client.dataset("Stability-v1", { count: 500, observe: ["prompt"] })) {
    rows += chunk.seeds.length;
    if (rows >= 100) {
      break;
    }
  }

  assert.ok(rows >= 100 && rows < 500);
  assert.equal((await client.task("Stability-v1")).id, "Stability-v1"); // Goes on.
});

test("a program ends by itself, closed or not, and is told what is missing", async () => {
  const file = `${FOLDER}embedded-program.js`;
  await writeFile(file, `
    import { connect } from "./src/node.js";
    const client = await connect("embedded");
    const towers = await client.make("Stability-v1", { slots: 64 });
    await towers.reset({ seed: 1 });
    const step = await towers.step(new Array(64).fill("<answer>yes</answer>"));
    console.log(step.rewards.length);
    if (process.argv[2] === "close") {
      await client.close();
    }
  `);
  try {
    for (const word of ["close", "leave"]) {
      const { stdout } = await promisify(execFile)(process.execPath, [file, word], { timeout: 120_000 });
      assert.equal(stdout, "64\n");
    }

    const env = { ...process.env, PHYSINTUITION_ENGINE: '{"thraeds": 2}' };
    await assert.rejects(
      promisify(execFile)(process.execPath, [file], { env, timeout: 120_000 }), /'thraeds' is no setting/);
  } finally {
    await rm(file);
  }
});
