// The driver: node dist/tests/conformance.js [--web | --chromium | --embedded | --durable] --address A --http H
// --control C FILE..., where files that are not named come on standard input, one a line.
import { readFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { connect } from "../src/node.js";
import { connect as connectWeb } from "../src/web.js";
import { Browser } from "./browser.js";
import { transcript } from "./conversation.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    address: { type: "string" }, http: { type: "string" }, control: { type: "string" },
    web: { type: "boolean" }, chromium: { type: "boolean" }, embedded: { type: "boolean" },
    durable: { type: "boolean" },
  },
});

function breakConnections(when: string): Promise<void> {
  const [host, port] = values.control!.split(":");
  return new Promise((resolve, reject) => {
    const control = connectTcp(Number(port), host!, () => control.write(`${when}\n`));
    control.on("error", reject).on("close", () => resolve()).resume();
  });
}

const durable = { durable: true, patience: 120_000 };

async function inNode(name: string, steps: unknown[]): Promise<void> {
  await using client = values.web
    ? await connectWeb(`http://${values.http}`)
    : await connect(values.embedded ? "embedded" : `http://${values.address}`, values.durable ? durable : {});
  for await (const line of transcript(name, steps, client, breakConnections)) {
    console.log(line);
  }
}

await using browser = values.chromium ? await Browser.open(`http://${values.http}`) : undefined;
await browser?.offer("breakConnections", breakConnections);
for await (const file of positionals.length > 0 ? positionals : createInterface(process.stdin)) {
  const name = basename(file, ".json");
  const { steps } = JSON.parse(await readFile(file, "utf8")) as { steps: unknown[] };
  await (browser === undefined ? inNode(name, steps) : browser.converse(name, steps, console.log));
}
