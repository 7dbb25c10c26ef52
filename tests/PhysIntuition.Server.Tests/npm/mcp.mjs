// Plays an episode with an official MCP client and prints what it saw, as JSON.
// usage: node mcp.mjs sdk URL (sessions, 2025-11-25) or node mcp.mjs client URL (no sessions, 2026-07-28)
const [kind, address] = process.argv.slice(2);
const hasSessions = kind === "sdk";
const { Client, StreamableHTTPClientTransport } = hasSessions
  ? {
      ...(await import("@modelcontextprotocol/sdk/client/index.js")),
      ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
    }
  : await import("@modelcontextprotocol/client");

const options = hasSessions ? {} : { versionNegotiation: { mode: { pin: "2026-07-28" } } };
const client = new Client({ name: "tests", version: "1" }, options);
const transport = new StreamableHTTPClientTransport(new URL(address));
await client.connect(transport);
const call = (name, args) => client.callTool({ name, arguments: args });

const { tools } = await client.listTools();
const reset = await call("reset", { task: "OffsetRetry-v1", seed: 4 });
const episode = hasSessions ? {} : { episode: /^Episode: (\S+)$/m.exec(reset.content[0].text)[1] };
const step = await call("step", { answer: "none", ...episode });
const wrong = await call("step", { anwser: "none", ...episode });
console.log(JSON.stringify({
  version: transport.protocolVersion, session: transport.sessionId ?? null, tools: tools.map((tool) => tool.name),
  reset: reset.content, step: step.content, wrong: wrong.content, isError: [step.isError ?? false, wrong.isError],
}));
if (hasSessions) await transport.terminateSession();
await client.close();
