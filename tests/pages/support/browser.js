// Chromium, and pages that note everything that a page must not do.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./server.js";

const screenshots = join(root, "artifacts/screenshots");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const DESKTOP = { viewport: { width: 1180, height: 860 }, colorScheme: "light" };
/** Smaller, where only what happens counts: software draws every pixel. */
export const SMALL = { ...DESKTOP, viewport: { width: 980, height: 640 } };
export const PHONE = {
  viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true, isMobile: true, deviceScaleFactor: 1,
};

/** Every call gets a fresh profile; 3-D is drawn in software. */
export const launch = () => chromium.launch({
  timeout: 120_000,
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
  ],
});

/** Opens a page; `faults` fills with errors, refused content, and requests that leave the server. */
export async function open(browser, server, path, settings = DESKTOP, prepare = async () => {}) {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on("console", (message) => { if (message.type() === "error") faults.push(`${message.text()} ${message.location().url}`); });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.address + "/")) faults.push(`leaves the server: ${request.url()}`);
  });
  await page.exposeFunction("noteViolation", (text) => { faults.push(text); });
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) =>
    window.noteViolation(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await prepare(page);
  await page.goto(server.address + path);
  return { page, faults, close: () => context.close() };
}

/** Serious and critical findings of axe, as sentences. */
export async function accessibilityFaults(page) {
  await page.evaluate(() => document.fonts.ready);
  // Through the debugger: the page's own policy would refuse the script.
  const findings = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  return findings.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`));
}

export async function keep(page, name) {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), animations: "disabled" });
}

export const assertNone = (faults) => assert.deepEqual(faults, []);
