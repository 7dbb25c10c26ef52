// A headless Chromium with the bundled client in a page of the server's own origin.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import type { Browser as Chromium, Page } from "playwright-core";

const PROGRAM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const PATIENCE = 120_000; // ms
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  "--disable-features=LocalNetworkAccessChecks", // Pages that the tests make up are not known to be of this machine.
];

/** Whether there is a Chromium to run. */
export const hasChromium = existsSync(PROGRAM);

export class Browser implements AsyncDisposable {
  private constructor(private readonly program: Chromium, readonly page: Page) {}

  /** Opens a page under `origin` whose scripts know `physintuition` and `converse`. */
  static async open(origin: string): Promise<Browser> {
    const program = await chromium.launch({
      executablePath: PROGRAM, headless: true, args: QUIET, timeout: PATIENCE,
    });
    const page = await program.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.route(`${origin}/page`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>PhysIntuition</title>" }));
    await page.goto(`${origin}/page`);
    await page.addScriptTag({ content: await bundle() });
    return new Browser(program, page);
  }

  /** Lets scripts of the page call a function here. */
  async offer(name: string, action: (argument: string) => unknown): Promise<void> {
    await this.page.exposeFunction(name, action);
  }

  /** Carries out a conversation in the page; every line is told as it comes. */
  async converse(name: string, steps: unknown[], tell: (line: string) => void): Promise<void> {
    const lines = await this.page.evaluate(
      ([name, steps]) => (globalThis as unknown as InPage).converse(name, steps), [name, steps] as const);
    lines.forEach((line) => tell(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.close();
  }
}

interface InPage {
  converse(name: string, steps: readonly unknown[]): Promise<string[]>;
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./page.js", import.meta.url))],
    bundle: true, format: "iife", write: false, logLevel: "error",
  });
  return result.outputFiles[0]!.text;
}
