// Every page in a real browser: looks, keyboard, accessibility, policy, and each task played to a verdict.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { accessibilityFaults, assertNone, DESKTOP, keep, launch, open, PHONE, SMALL } from "./support/browser.js";
import { answerByHand } from "./support/hands.js";
import { playRun, root, startServer } from "./support/server.js";

const SCENES = 80;   // half of them count: enough that no constant answer is always right
const HOSTILE = "<img src=x onerror=alert(1)>";
const PAGES = {
  start: ["/", "[data-state=asking]"],
  play: ["/play?task=Offset-v1&seed=3", "[data-state=asking]"],
  scenes: ["/scenes?task=PushOutcome-v1&seed=4", ".code code"],
  watch: ["/watch", ".meter .value"],
  leaderboard: ["/leaderboard", "#transfer"],
  board: ["/leaderboard?task=Stability-v1", ".interval"],
  method: ["/method?method=stubborn&kind=agent", ".gallery img"],
};

let server, browser, tasks;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  tasks = (await server.get("/api/tasks")).filter((task) => task.isReady);
  for (const suite of ["", "tall-v1"]) {
    await playRun(server, { method: "stubborn", task: "Stability-v1", suite, count: SCENES, trainedOn: "Offset-v1" }, "<answer>yes</answer>",
      { model: "stubborn-2026-11-01", tokens: { input: 90_000, output: 1200 }, dollars_per_100_scenes: 0.31, day: "2026-11-30" });
  }
  await playRun(server, { method: HOSTILE, task: "Stability-v1", count: SCENES }, HOSTILE);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

describe("every page", () => {
  for (const [name, [path, ready]] of Object.entries(PAGES)) {
    for (const [look, settings] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      it(`${name} on a ${look} is accessible, in bounds and keeps to its server`, async () => {
        const { page, faults, close } = await open(browser, server, path, { ...settings, reducedMotion: "reduce" });
        await page.waitForSelector(ready);
        assertNone(await accessibilityFaults(page));
        const overflow = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `${overflow} pixels wider than the window`);
        await keep(page, `${name}-${look}`);
        assertNone(faults);
        await close();
      });
    }
  }

  it("would not pass with a picture that has no words", async () => {
    const { page, close } = await open(browser, server, "/play?task=Stability-v1&seed=3");
    await page.waitForSelector("[data-state=asking]");
    await page.evaluate(() => document.querySelector(".frame img").removeAttribute("alt"));
    assert.match((await accessibilityFaults(page)).join(), /image-alt/);
    await close();
  });

  it("is dark where the visitor wants dark, also on a large window", async () => {
    for (const path of ["/leaderboard?task=Stability-v1", "/play?task=Push-v1&seed=9"]) {
      const { page, faults, close } = await open(browser, server, path, { ...DESKTOP, colorScheme: "dark" });
      await page.waitForSelector("main .card");
      await page.waitForLoadState("networkidle");
      assertNone(await accessibilityFaults(page));
      assertNone(faults);
      await close();
    }
  });
});

describe("play", () => {
  it("takes every task to the verdict that the expert's answer deserves", async (context) => {
    for (const task of tasks) {
      await context.test(task.id, async () => {
        const scene = await server.get(`/api/scenes/${task.id}?seed=3&split=${task.splits[0]}`);
        const { page, faults, close } = await open(browser, server, `/play?task=${task.id}&seed=3`, { ...SMALL, reducedMotion: "reduce" });
        const answers = [];
        const after = (path) => server.get(
          `/api/scenes/${task.id}${path}?seed=3&split=${task.splits[0]}&answers=${JSON.stringify(answers)}`);
        do {
          if (answers.length > 0) await page.click("[data-next]");
          await page.waitForSelector("[data-state=asking]");
          const now = answers.length === 0 ? scene : await after("");
          await answerByHand(page, task, now);
          await page.waitForSelector(".verdict");
          answers.push(now.expert);
        } while (!(await after("/outcome")).isOver);
        assert.match(await page.textContent(".verdict strong"),
          /^(Right|On the spot|Close|Legal and taller|The red block stopped in the ring|The rest stands|Stopped|The structure stands)/);
        assert.equal(await page.getAttribute(".score", "data-count"), "1");
        await page.waitForSelector(".frame canvas");
        await keep(page, `verdict-${task.id}`);
        assertNone(faults);
        await close();
      });
    }
  });

  it("gives more attempts, and tries before them, where the visitor wants them", async () => {
    const { page, faults, close } = await open(browser, server, "/play?task=Offset-v1&seed=3", { ...SMALL, reducedMotion: "reduce" });
    await page.waitForSelector("[data-state=asking]");
    await page.selectOption("[data-rule=Tries]", "1");
    await page.waitForSelector("[data-try]");
    await page.selectOption("[data-rule=Attempts]", "2");
    await page.waitForFunction(() => document.querySelector(".question").textContent.includes("You have 2 attempts"));
    await page.check("[data-try]");
    await page.fill("[data-axis=x]", "10");
    await page.fill("[data-axis=y]", "400");
    await page.click("[data-send]");
    await page.waitForSelector("[data-state=judged]");
    assert.match(await page.textContent(".verdict"), /Reward −0\.1/);
    await page.click("text=Attempt 1 of 2");
    await page.waitForSelector("[data-state=asking]");
    assert.match(await page.textContent(".question"), /Try 1 of 1 was \(10, 400\):/);
    assert.equal(await page.locator("[data-try]").count(), 0);
    assertNone(await accessibilityFaults(page));
    await keep(page, "attempts");
    for (const next of ["Attempt 2 of 2", "Next scene"]) {
      await page.click("[data-send]");
      await page.click(`text=${next}`);
      await page.waitForSelector("[data-state=asking]");
    }
    assert.equal(await page.getAttribute(".score", "data-count"), "1");
    assertNone(faults);
    await close();
  });

  it("needs no mouse", async () => {
    const { page, faults, close } = await open(browser, server, "/play?task=Stability-v1&seed=3", SMALL);
    await page.waitForSelector("[data-state=asking]");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
    await page.keyboard.press("y");
    await page.waitForSelector("[data-state=judged]");
    await page.keyboard.press("n");
    await page.waitForSelector("[data-state=asking]");
    await page.keyboard.press("Enter");   // The first answer has the focus.
    await page.waitForSelector("[data-state=judged]");
    assert.equal(await page.getAttribute(".score", "data-count"), "2");

    await page.goto(`${server.address}/play?task=Offset-v1&seed=3`);
    await page.waitForSelector("[data-state=asking]");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("ArrowUp");
    assert.deepEqual([await page.inputValue("[data-axis=x]"), await page.inputValue("[data-axis=y]")], ["25", "5"]);
    for (let i = 0; i < 40 && (await page.evaluate(() => document.activeElement.dataset.axis)) !== "x"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-state=judged]");
    assertNone(faults);
    await close();
  });

  it("moves the blocks along the engine's path, and stops where the visitor wants no motion", async () => {
    const calm = await open(browser, server, "/play?task=Stability-v1&seed=7", { ...SMALL, reducedMotion: "reduce" });
    await calm.page.waitForSelector("[data-state=asking]");
    await calm.page.keyboard.press("y");
    await calm.page.waitForSelector(".player button[aria-label=Play]");
    assert.equal(await calm.page.inputValue(".player input"), await calm.page.getAttribute(".player input", "max"));
    await calm.close();

    const { page, faults, close } = await open(browser, server, "/play?task=Stability-v1&seed=7", SMALL);
    await page.waitForSelector("[data-state=asking]");
    await page.keyboard.press("y");
    await page.waitForFunction(() => {
      const [button, time] = document.querySelectorAll(".player button, .player input");
      if (!button || Number(time.value) <= 0.2) return false;
      const isMoving = button.ariaLabel === "Pause";
      button.click();   // Where it was over already, it starts again.
      return isMoving;
    });
    await page.focus(".frame canvas");
    const canvas = page.locator(".frame canvas");
    const before = await canvas.screenshot();
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowLeft");
    const patience = Date.now() + 60_000;
    while ((await canvas.screenshot()).equals(before)) {
      assert.ok(Date.now() < patience, "the arrow keys do not turn the view");
    }
    assertNone(faults);
    await close();
  });

  it("shows the server's picture of the outcome where there is no WebGL", async () => {
    const { page, faults, close } = await open(browser, server, "/play?task=Stability-v1&seed=7", SMALL, (page) =>
      page.addInitScript(() => {
        const usual = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return kind.startsWith("webgl") ? null : usual.call(this, kind, ...rest);
        };
      }));
    await page.waitForSelector("[data-state=asking]");
    await page.keyboard.press("y");
    await page.waitForSelector("[data-state=judged]");
    assert.match(await page.getAttribute(".frame img", "src"), /answers=/);
    assertNone(faults.filter((fault) => !fault.includes("WebGL")));
    await close();
  });

  it("asks again where an answer or its reply was lost, and the first answer to a held-out scene counts", async () => {
    const { page, faults, close } = await open(browser, server, "/play?task=Stability-v1&seed=3", SMALL);
    await page.waitForSelector("[data-state=asking]");
    await page.route("**/outcome?*", (route) => route.abort(), { times: 1 });
    await page.keyboard.press("y");
    await page.waitForSelector(".fault >> text=The server does not answer");
    await page.click("[data-answer=yes]");
    await page.waitForSelector("[data-state=judged]");

    await page.click("[data-count='10']");
    await page.waitForSelector("img[alt='Held-out scene 1 of 10']");
    await page.route("**/api/play/runs/*/answers", async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
    await page.click("[data-answer=yes]");
    await page.waitForSelector(".fault >> text=The server does not answer");
    await page.click("[data-answer=no]");
    await page.waitForSelector("img[alt='Held-out scene 2 of 10']");
    assertNone(faults.filter((fault) => !/ERR_FAILED|409/.test(fault)));
    await close();
  });

  it("counts a person's held-out run, which survives a reload", async () => {
    const { page, faults, close } = await open(browser, server, "/play?task=RedRemove-v1", SMALL);
    await page.click("[data-count='10']");
    for (let scene = 1; scene <= 10; scene++) {
      await page.waitForSelector(`img[alt='Held-out scene ${scene} of 10']`);
      if (scene === 4) {
        await page.reload();
        await page.click("text=Go on");
        await page.waitForSelector(`img[alt='Held-out scene ${scene} of 10']`);
      }
      if (scene === 6) await keep(page, "play-counted");
      await page.click("[data-answer=yes]");
    }
    await page.waitForSelector("text=Counted.");
    const { rows } = await server.get("/api/leaderboard/standings?task=RedRemove-v1", SMALL);
    assert.deepEqual(rows.filter((row) => row.kind === "human").map((row) => row.method), ["People"]);
    assertNone(faults);
    await close();
  });
});

describe("the leaderboard", () => {
  it("sorts by its heads and shows names as text", async () => {
    const { page, faults, close } = await open(browser, server, "/leaderboard?task=Stability-v1");
    const head = page.locator("th", { hasText: "Method" });
    await head.locator("button").focus();
    await page.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    assert.deepEqual(await page.locator("tbody td:nth-child(2) strong").allTextContents(), [HOSTILE, "stubborn"].sort((a, b) => a.localeCompare(b)));
    await page.fill("[aria-label='Methods whose name contains']", "stubb");
    assert.deepEqual(await page.locator("tbody td:nth-child(2) strong").allTextContents(), ["stubborn"]);
    await page.click("text=Models");
    assert.equal(await page.locator("tbody tr").count(), 0);
    assertNone(faults);
    await close();
  });

  it("shows the hostile method as itself, with its unreadable answers", async () => {
    const { page, faults, close } = await open(browser, server, `/method?${new URLSearchParams({ method: HOSTILE, kind: "agent" })}`);
    await page.waitForSelector(".gallery figcaption");
    assert.equal(await page.textContent("h1"), HOSTILE);
    assert.match(await page.textContent(".gallery figcaption"), /unreadable: <img/);
    assertNone(faults);
    await close();
  });
});

describe("what a run took", () => {
  it("stands in its row, with how its scenes went", async () => {
    const { page, faults, close } = await open(browser, server, "/leaderboard?task=Stability-v1");
    const row = page.locator("tbody tr", { hasText: "stubborn-2026-11-01" });
    const text = await row.textContent();
    for (const part of ["91.2 k", "0.31", "2026-11-30"]) assert.ok(text.includes(part), `${part} in ${text}`);
    const { rows } = await server.get("/api/leaderboard/standings?task=Stability-v1");
    const { right, wrong } = rows.find((one) => one.method === "stubborn").outcomes;
    assert.equal(await row.locator("svg[aria-label*=right]").getAttribute("aria-label"),
      `${right} right, ${wrong} wrong, 0 unreadable, 0 cut off or empty, 0 never delivered`);
    assertNone(faults);
    await close();
  });
});

describe("the scene explorer", () => {
  it("shows the hashes of the engine, all layers, and code for each client", async () => {
    const { page, faults, close } = await open(browser, server, "/scenes?task=Offset-v1&seed=3", {
      ...DESKTOP, permissions: ["clipboard-read", "clipboard-write"],
    });
    const scene = await server.get("/api/scenes/Offset-v1?seed=3");
    await page.waitForSelector(`text=${scene.sceneHash}`);
    assert.equal(await page.locator(".channels img").count(), 4);
    for (const image of await page.locator(".channels img").all()) {
      await image.evaluate((node) => node.decode());
    }

    for (const language of await page.locator(".tabs button").allTextContents()) {
      await page.click(`.tabs button:text-is("${language}")`);
      assert.ok((await page.textContent(".code code")).includes("Offset-v1"), language);
    }

    await page.click(".code button");
    await page.waitForFunction(async () =>
      await navigator.clipboard.readText() === document.querySelector(".code code").textContent);
    await page.selectOption("label:has-text('Style') select", "cubeworld");
    await page.waitForFunction((hash) => !document.body.textContent.includes(hash), scene.sceneHash);
    assert.match(page.url(), /cubeworld/);
    await page.fill("textarea", '{"blocks": 99}');
    await page.locator("textarea").blur();
    await page.waitForSelector(".fault >> text=blocks");
    await close();
    assertNone(faults.filter((fault) => !fault.includes("422")));
  });
});

describe("the program that the explorer shows", () => {
  it("gets the scene whose hash it names", async () => {
    const { page, close } = await open(browser, server, '/scenes?task=Offset-v1&seed=3&split=test/tall-v1&options={"palette":"greys"}');
    await page.waitForSelector(".code code");
    const program = (await page.textContent(".code code")).replace("Client()", `Client("${server.grpc}")`);
    await close();
    const [, hash] = /# ([0-9a-f]{16})\n/.exec(program);
    const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-c", program], {
      env: { ...process.env, PYTHONPATH: join(root, "clients/python") },
    });
    assert.deepEqual(stdout.split("\n").slice(0, 1), [hash]);
  });
});

describe("the watch page", () => {
  it("shows a picture of what is open, and its numbers", async () => {
    await server.post("/Stability-v1/reset", { seed: 5 });
    const { page, faults, close } = await open(browser, server, "/watch");
    await page.waitForSelector("#environments img[src^='data:image/png']");
    await page.waitForFunction(() => document.querySelectorAll(".meter polyline[points*=' ']").length > 5);
    assert.match(await page.textContent("#environments figcaption"), /Stability-v1/);
    assert.equal(await page.textContent("#live"), "live");
    await keep(page, "watch-open");
    assertNone(faults);
    await close();
  });
});

describe("the bundle of three.js", () => {
  it("is what its lock file builds", async () => {
    const web = join(root, "server/PhysIntuition.Server/web");
    const target = join(tmpdir(), `three-${process.pid}.js`);
    await promisify(execFile)("node", [join(web, "three/build.mjs"), target]);
    assert.ok((await readFile(target)).equals(await readFile(join(web, "vendor/three.js"))),
      "web/vendor/three.js is stale; run npm ci and npm run build in web/three");
    await rm(target);
  });
});
