// What the page of browser.ts runs.
import * as physintuition from "../src/web.js";
import { transcript } from "./conversation.js";

declare const breakConnections: (when: string) => Promise<void>;

async function converse(name: string, steps: unknown[]): Promise<string[]> {
  const client = await physintuition.connect(location.origin);
  const lines: string[] = [];
  try {
    for await (const line of transcript(name, steps, client, (when) => breakConnections(when))) {
      lines.push(line);
    }
  } finally {
    await client.close();
  }

  return lines;
}

Object.assign(globalThis, { physintuition, converse });
