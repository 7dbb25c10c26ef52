// Steps an environment as often as it is told; ../../README.md has the form.
import { createInterface } from "node:readline";
import { connect } from "../src/node.js";

const [address, task, slots, edge] = process.argv.slice(2) as [string, string, string, string];
await using client = await connect(`http://${address}`);
const environment = await client.make(task, {
  slots: Number(slots), observe: ["rgb", "info"], width: Number(edge), height: Number(edge), autoreset: "nextStep",
});
await environment.reset({ seed: 0 });
const actions = new Float32Array(Number(slots));
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  const start = performance.now();
  for (let i = 0; i < Number(line); i++) {
    await environment.step(actions);
  }

  console.log((performance.now() - start) / 1000);
}
