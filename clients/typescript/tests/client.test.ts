import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { parseAddress } from "../src/address.js";
import { ResetReplySchema, StepReplySchema } from "../src/gen/physintuition/v1/environment_pb.js";
import { Code, connect, PhysIntuitionError } from "../src/node.js";
import type { Client } from "../src/node.js";
import { checkOutcome, EVERY, explained, History } from "../src/recovery.js";
import { connect as connectWeb } from "../src/web.js";
import { Browser, hasChromium } from "./browser.js";
import { serve } from "./server.js";
import type { Server } from "./server.js";

const NO_CHROMIUM = hasChromium ? false : "Chromium is not installed.";
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

let server: Server;
let client: Client;
before(async () => {
  server = await serve();
  client = await connect(server.grpc);
});
after(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

test("a batch that the server refuses takes no memory here", async () => {
  const before = process.memoryUsage().rss;
  await assert.rejects(client.make("Stability-v1", { slots: 100_000_000 }), PhysIntuitionError);
  assert.ok(process.memoryUsage().rss - before < 300e6);
});

test("the README's first program is short and runs as printed", async () => {
  const program = /```ts\n(.*?)```/s.exec(await readFile(`${PACKAGE}README.md`, "utf8"))![1]!;
  assert.ok(program.trimEnd().split("\n").length <= 15);
  const file = `${PACKAGE}dist/readme.js`; // Inside the package, which can import itself by name.
  await writeFile(file, program.replace("connect()", `connect("${server.grpc}")`));
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  assert.match(stdout, /\[ 4, 224, 224, 3 \]/);
  assert.match(stdout, /"verdict":"(Right|Wrong)/);
});

test("an action by name scores as the text that means the same", async () => {
  await using towers = await client.make("Offset-v1", { slots: 2 });
  await towers.reset({ seed: 3 });
  const byName = await towers.act([{ x: 100, y: 50 }, { x: -20, y: 80 }]);
  await towers.reset({ seed: 3 });
  const byText = await towers.step(["<answer>(100, 50)</answer>", "<answer>(-20, 80)</answer>"]);
  assert.deepEqual(byName.rewards, byText.rewards);
});

test("an action that lacks a number says which", async () => {
  await using towers = await client.make("Offset-v1");
  await towers.reset({ seed: 3 });
  // The compiler would refuse it, too.
  assert.throws(() => void towers.act([{ x: 1 } as never]), /lacks 'y'/);
});

test("the expert scores the best", async () => {
  await using towers = await client.make("Stability-v1", { slots: 8, observe: ["expert"] });
  const step = await towers.step((await towers.reset({ seed: 0 })).texts("expert"));
  assert.deepEqual([...step.rewards], new Array(8).fill(1));
  assert.ok(step.terminated.every(Boolean));
});

test("a refusal names code, reason and field, and what follows works", async () => {
  await using towers = await client.make("Stability-v1", { slots: 2 });
  await assert.rejects(towers.step(["<answer>yes</answer>"]), (failure: PhysIntuitionError) =>
    failure.code === Code.InvalidArgument || failure.code === Code.FailedPrecondition);
  await towers.reset({ seed: 2n ** 40n });
  await assert.rejects(towers.step(["<answer>yes</answer>"]), {
    code: Code.InvalidArgument, reason: "WRONG_LENGTH", field: "texts.answers",
  });
  assert.equal((await towers.step(["<answer>yes</answer>", "?"])).rewards[1], -1);
});

test("an observation that was not asked for is named in the error", async () => {
  await using towers = await client.make("Stability-v1", { observe: ["prompt"] });
  const first = await towers.reset({ seed: 1 });
  assert.throws(() => first.tensor("rgb"), /'rgb'; asked for were prompt/);
  assert.throws(() => first.tensor("prompt"), /of kind 'texts'/);
});

test("aborting stops the wait, not the work", async () => {
  await using towers = await client.make("Stability-v1", { autoreset: "sameStep", observe: ["seed"] });
  await using twin = await client.make("Stability-v1", { autoreset: "sameStep", observe: ["seed"] });
  await towers.reset({ seed: 9 });
  await twin.reset({ seed: 9 });
  await assert.rejects(towers.step(["<answer>no</answer>"], { signal: AbortSignal.abort() }), { name: "AbortError" });
  await twin.step(["<answer>no</answer>"]);
  const seen = async (which: typeof towers) =>
    (await which.step(["<answer>no</answer>"])).observations.tensor("seed").data;
  assert.deepEqual(await seen(towers), await seen(twin));
});

test("a session is named by the client, and another client goes on with it", async () => {
  assert.match(client.session.id, /^[0-9a-f]{32}$/);
  await using other = await connect(server.grpc);
  const { id, token } = other.session;
  await using again = await connect(server.grpc, {}, { id, token });
  assert.deepEqual(again.session, { id, token });
});

test("calls that overlap are carried out in the order in which they were made", async () => {
  await using towers = await client.make("Stability-v1", { observe: ["seed"] });
  const resets = await Promise.all([5, 6, 7].map((seed) => towers.reset({ seed })));
  assert.deepEqual(resets.map((reset) => reset.tensor("seed").data[0]), [5n, 6n, 7n]);
});

test("a dataset comes in order and may be left early", async () => {
  const seeds: bigint[] = [];
  for await (const rows of client.dataset("Stability-v1", {
    count: 100_000, firstSeed: 10, chunkRows: 8, observe: ["prompt", "expert"],
  })) {
    assert.equal(rows.columns.texts("expert").length, 8);
    seeds.push(...rows.seeds);
    if (seeds.length >= 16) {
      break;
    }
  }

  assert.deepEqual(seeds, Array.from({ length: 16 }, (_, i) => BigInt(10 + i)));
});

test("equal seeds score on the same scene", async () => {
  const { rewards } = await client.score("Stability-v1", [4, 4], ["<answer>yes</answer>", "<answer>no</answer>"]);
  assert.deepEqual([...rewards].sort(), [0, 1]);
});

test("gRPC-Web shows the same picture as gRPC", async () => {
  await using web = await connectWeb(server.http);
  const pixels = async (through: Client) => {
    await using towers = await through.make("Offset-v1", { slots: 2, observe: ["rgb"], width: 48, height: 32 });
    return (await towers.reset({ seed: 77 })).tensor("rgb");
  };
  assert.deepEqual(await pixels(web), await pixels(client));
});

test("a browser shows the same picture as Node", { skip: NO_CHROMIUM }, async () => {
  await using browser = await Browser.open(server.http);
  const there = await browser.page.evaluate(async () => {
    const { connect } = (globalThis as unknown as { physintuition: typeof import("../src/web.js") }).physintuition;
    const client = await connect(location.origin);
    const towers = await client.make("Offset-v1", { slots: 2, observe: ["rgb"], width: 48, height: 32 });
    const { shape, data } = (await towers.reset({ seed: 77 })).tensor("rgb");
    await client.close();
    return { shape: [...shape], data: Array.from(data as Uint8Array) };
  });
  await using towers = await client.make("Offset-v1", { slots: 2, observe: ["rgb"], width: 48, height: 32 });
  const here = (await towers.reset({ seed: 77 })).tensor("rgb");
  assert.deepEqual(there.shape, here.shape);
  assert.deepEqual(there.data, Array.from(here.data as Uint8Array));
});

test("a page of another origin may call where the server allows it", { skip: NO_CHROMIUM }, async () => {
  const origin = "http://localhost:12321"; // Nobody listens there: the browser is told what the page is.
  await using open = await serve("--set", `Listen:Origins=${origin}`);
  await using browser = await Browser.open(origin);
  const reach = (address: string) => browser.page.evaluate(async (address) => {
    const { connect } = (globalThis as unknown as { physintuition: typeof import("../src/web.js") }).physintuition;
    try {
      const client = await connect(address, { patience: 0 });
      await client.make("Nothing-v1").finally(() => client.close());
    } catch (failure) {
      return (failure as PhysIntuitionError).reason ?? String(failure);
    }
    return "made";
  }, address);
  assert.equal(await reach(open.http), "NOT_FOUND"); // The page reads the trailers, too.
  assert.equal(await reach(server.http), "");
});

test("where nobody listens, the error says so at once and names what to start", async () => {
  for (const [address, options] of [["http://127.0.0.1:1", {}], ["127.0.0.1:1", { patience: 100 }]] as const) {
    await assert.rejects(connect(address, options), {
      code: Code.Unavailable,
      message: "Nobody listens at 127.0.0.1:1. Start a server with './physintuition serve', or name another as " +
        "address or in PHYSINTUITION_SERVER.",
    });
  }
});

test("a server that was reached is waited for", async () => {
  const own = await serve();
  const there = await connect(own.grpc);
  await own[Symbol.asyncDispose]();
  const waiting = there.tasks();
  await using next = await serve("--port", new URL(own.grpc).port);
  assert.equal(next.grpc, own.grpc);
  assert.ok((await waiting).length > 5);
});

test("an address has one form, with or without a scheme", async () => {
  const port = new URL(server.grpc).port;
  for (const address of [`127.0.0.1:${port}`, `http://localhost:${port}/`, ` http://127.0.0.1:${port} `]) {
    await using other = await connect(address);
    assert.ok((await other.tasks()).length > 5);
  }

  for (const [text, url, where] of [
    ["lab.example", "http://lab.example:50051", "lab.example:50051"],
    ["lab.example:80", "http://lab.example", "lab.example"],
    ["https://lab.example", "https://lab.example", "lab.example"],
    ["[::1]:7", "http://[::1]:7", "[::1]:7"],
  ] as const) {
    assert.deepEqual(parseAddress(text, 50051), { url, where });
  }

  assert.equal(parseAddress("unix:///run/towers.sock", 50051).path, "/run/towers.sock");
  for (const wrong of ["ftp://lab.example", "http://lab.example/path", "", "http://me@lab.example", "a:b:c"]) {
    assert.throws(() => parseAddress(wrong, 50051), /address is .*HOST:PORT, http:\/\/HOST:PORT/);
  }
});

test("a socket reaches the server, and the environment names it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "towers-"));
  const forwarder = createServer((near) => {
    const far = createConnection(Number(new URL(server.grpc).port), "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  }).listen(join(folder, "sock"));
  const program = `
    import { connect } from ${JSON.stringify(`${PACKAGE}dist/src/node.js`)};
    console.log((await (await connect()).tasks()).length > 5);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, PHYSINTUITION_SERVER: `unix:${join(folder, "sock")}` },
  });
  assert.equal(stdout, "true\n");
  forwarder.close();
  await rm(folder, { recursive: true });
});

test("a value that cannot be sent is refused by name and changes nothing", async () => {
  await using towers = await client.make("Stability-v1", { slots: 2, autoreset: "sameStep", observe: ["seed"] });
  await using twin = await client.make("Stability-v1", { slots: 2, autoreset: "sameStep", observe: ["seed"] });
  const answers = ["<answer>no</answer>", "<answer>yes</answer>"];
  const refused = async (call: Promise<unknown>, message: RegExp) =>
    assert.rejects(call, (failure: PhysIntuitionError) =>
      failure instanceof PhysIntuitionError && failure.code === Code.InvalidArgument && message.test(failure.message));
  await towers.reset({ seed: 5 });
  await twin.reset({ seed: 5 });
  await refused(towers.reset({ seed: 1.5 }), /'seed' is 1.5; it must be a whole number/);
  await refused(towers.reset({ seed: -1 }), /'seed' is -1/);
  await refused(towers.reset({ seed: 2 ** 60 }), /Beyond 2\^53 give a bigint/);
  await refused(towers.reset({ seeds: [1, 2n ** 64n] }), /'seeds\[1\]' is 18446744073709551616/);
  await refused(towers.reset({ seed: 1, mask: [0.5, 1] as never }), /'mask\[0\]' is 0.5; it must be true or false/);
  await refused(towers.step(["yes", "no \ud800"]), /'actions\[1\]' is .* holds half a character/);
  await refused(towers.step([1, 0] as never), /'actions\[0\]' is 1; .*Float32Array/);
  await refused(towers.step("no" as never), /a list with one text for each row/);
  await refused(towers.render({ slots: [0.5] }), /'slots\[0\]' is 0.5/);
  await refused(towers.restore(new Uint8Array(), { sources: [-1] }), /'sources\[0\]' is -1/);
  await refused(client.make("Stability-v1", { slots: 1.5 }), /'slots' is 1.5/);
  await refused(client.score("Stability-v1", [1.5], answers), /'seeds\[0\]' is 1.5/);
  const [here, there] = [await towers.step(answers), await twin.step(answers)];
  assert.deepEqual(here.observations.tensor("seed").data, there.observations.tensor("seed").data);
});

test("a program that ends without close leaves no session", async () => {
  await using small = await serve("--set", "Limits:MaxSessions=1");
  const program = `
    import { connect } from ${JSON.stringify(`${PACKAGE}dist/src/node.js`)};
    const client = await connect(${JSON.stringify(small.grpc)});
    await (await client.make("Stability-v1")).reset({ seed: 1 });`;
  for (let run = 0; run < 2; run++) {
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  }
});

test("what is kept to rebuild an environment is bounded, and a seeded reset is enough", () => {
  const history = new History({ task: "OffsetX-v1" }, 2);
  const [reset, step] = [create(ResetReplySchema), create(StepReplySchema)];
  assert.ok(history.isDrawn({ name: "reset", request: {} }));
  assert.ok(history.add({ name: "reset", request: {} }, reset)); // Nobody can repeat it: a snapshot is due.
  for (let seed = 0n; seed < 3n; seed++) {
    assert.ok(!history.add({ name: "reset", request: { seed } }, reset));
    history.add({ name: "step", request: {} }, step);
  }

  assert.deepEqual(history.replay().map((call) => call.name), ["reset", "step"]);
  const due = Array.from({ length: EVERY }, () => history.add({ name: "step", request: {} }, step)).indexOf(true);
  assert.equal(due, EVERY - 3);
  assert.deepEqual(history.capture(), [0, 1]);
  history.keep(new Uint8Array([1]));
  assert.deepEqual(history.replay().map((call) => call.name), ["restore"]);

  const later = new History({ task: "OffsetX-v1" }, 2);
  later.add({ name: "reset", request: { seed: 1n, mask: Uint8Array.of(1, 0) } }, reset);
  later.keep(new Uint8Array([1]));
  later.add({ name: "reset", request: { seed: 2n } }, reset);
  const [restore] = later.replay(); // Slots that began after the snapshot are not in it.
  assert.ok(restore!.name === "restore");
  assert.deepEqual(restore!.request.mask, Uint8Array.of(1, 0));
});

test("another outcome, or another snapshot secret, ends in a clear error", async () => {
  const history = new History({ task: "OffsetX-v1" }, 1);
  history.add({ name: "step", request: {} }, create(StepReplySchema, { rewards: new Uint8Array(4) }));
  const [kept] = history.replay();
  checkOutcome(kept!, create(StepReplySchema, { rewards: new Uint8Array(4) }), "OffsetX-v1");
  const other = create(StepReplySchema, { rewards: new Uint8Array([1, 2, 3, 4]) });
  assert.throws(() => checkOutcome(kept!, other, "OffsetX-v1"),
    { reason: "SESSION_LOST", message: /must be of the same version/ });

  const environment = await client.make("OffsetX-v1");
  await environment.reset({ seed: 1 });
  const snapshot = await environment.snapshot();
  snapshot[20]! ^= 1;
  await assert.rejects(environment.restore(snapshot), (failure) => {
    assert.match((explained(failure, "there") as Error).message, /the same PhysIntuition:Engine:SnapshotSecret/);
    return true;
  });
});
