// One task to play: picture, question, answer, what came of it, score.

import { anySeed, get, nameOf, sceneUrl } from "./api.js";
import { el, fault, short } from "./dom.js";
import { CountedRun } from "./counted.js";
import { inputFor } from "./inputs.js";
import * as score from "./score.js";
import { Stage } from "./stage.js";

const EDGE = 640;   // pixels of the picture; a model is usually shown 224 of the same scene

export class Game {
  /**
   * @param {HTMLElement} root Emptied and filled.
   * @param {object} task As /api/tasks tells it.
   * @param {{isNarrow?: boolean}} settings Narrow puts the panel below the picture.
   */
  constructor(root, task, settings) {
    this.task = task;
    this.split = task.splits[0];
    this.picture = el("img", { width: EDGE, height: EDGE, draggable: "false" });
    this.frame = el("div.frame", {}, this.picture);
    this.bar = el("div.player", { hidden: true });
    this.question = el("p.question");
    this.input = el("div");
    this.verdict = el("div", { role: "status", "aria-live": "polite" });
    this.score = el("div", {}, score.show(task, score.load(task.id)));
    this.offer = el("div");
    const head = settings.isNarrow ? null : el("h2", {}, nameOf(task.id));
    root.replaceChildren(el(settings.isNarrow ? "div.game.narrow" : "div.game", {},
      el("div", {}, this.frame, this.bar),
      el("div.card.panel", {}, head, this.question, this.input, this.verdict, this.score, this.offer)));
    this.root = root;
    if (!settings.isNarrow && task.splits.includes("heldout")) this.#offerRun();
    this.frame.addEventListener("pointerdown", () => this.#hint(null));
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Another scene. */
  async next(seed = anySeed()) {
    this.stage?.dispose();
    this.stage = undefined;
    this.address = { task: this.task.id, split: this.split, seed, answers: [] };
    this.verdict.replaceChildren();
    this.bar.hidden = true;
    await this.#ask();
  }

  /** Gives an answer and shows what comes of it. */
  async answer(numbers) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.#endInput();
    if (this.run) {
      await this.#answerRun(numbers);
      this.isBusy = false;
      return;
    }

    this.verdict.replaceChildren(el("p.soft", {}, "Asking physics …"));
    try {
      this.address.answers.push([...numbers]);
      const outcome = await get(sceneUrl(this.address, "/outcome"));
      await this.#show(outcome, numbers);
    } catch (error) {
      this.verdict.replaceChildren(fault(error));
    }
    this.isBusy = false;
  }

  /** The address of the picture that is asked about. */
  get pictureUrl() {
    return this.run ? this.scene.picture : sceneUrl(this.address, "/picture", { size: EDGE });
  }

  async #ask() {
    const { address } = this;
    const scene = await get(sceneUrl(address));
    if (this.run || address !== this.address) return;   // The visitor has gone on meanwhile.
    this.#put(scene, `The scene of ${this.task.id} with seed ${scene.seed}`);
  }

  #put(scene, words) {
    this.scene = scene;
    this.question.textContent = scene.question;
    this.question.classList.toggle("long", scene.question.length > 140);
    this.picture.src = this.pictureUrl;
    this.picture.alt = words;
    this.current = inputFor(this.task, scene, this);
    this.input.replaceChildren(this.current.panel);
    this.frame.replaceChildren(...[this.picture, this.current.layer].filter(Boolean));
    this.#hint(this.current.hint);
    this.root.dataset.state = "asking";
  }

  #hint(text) {
    this.frame.querySelector(".hint")?.remove();
    if (text) this.frame.append(el("div.hint", { "aria-hidden": "true" }, el("span", {}, text)));
  }

  #endInput() {
    this.current.end?.(this);
    this.current.layer?.remove();
    this.#hint(null);
    this.input.replaceChildren();
    this.current = undefined;
  }

  async #show(outcome, numbers) {
    const share = this.#shareOf(outcome.isOver ? outcome.return : outcome.reward);
    const isGood = share > 0.75;
    if (outcome.isOver) this.score.replaceChildren(score.show(this.task, score.add(this.task.id, outcome.return, isGood)));
    this.#play(outcome, numbers);
    const text = [`Reward ${short(outcome.reward)}`];
    if (outcome.distance !== undefined) text.push(`${(outcome.distance * 100).toFixed(1)} cm off`);
    if (!this.task.answer[0].choices && outcome.isOver) text.push(`expert: ${outcome.expert.map(short).join(", ")}`);
    const go = outcome.isOver
      ? el("button.main", { type: "button", "data-next": true, onclick: () => this.#again() },
        "Next scene", el("kbd", { "aria-hidden": "true" }, "N"))
      : el("button.main", { type: "button", "data-next": true, onclick: () => this.#goOn() },
        `Attempt ${this.address.answers.length + 1} of ${this.task.maxSteps}`, el("kbd", { "aria-hidden": "true" }, "N"));
    this.verdict.replaceChildren(
      el(isGood ? "div.verdict.good" : share < 0.35 ? "div.verdict.bad" : "div.verdict", {},
        el("strong", {}, outcome.verdict ?? ""), el("span", {}, text.join(" · "))),
      el("div.row", { style: { marginTop: "12px" } }, go,
        outcome.isOver ? el("a.button", { href: `/scenes?${this.#query()}` }, "About this scene") : null));
    go.focus({ preventScroll: true });
    this.root.dataset.state = "judged";
  }

  #play(outcome, numbers) {
    this.stage?.dispose();
    this.stage = undefined;
    if (this.scene.bodies.length === 0) return;
    try {
      this.stage = new Stage(this.frame, this.bar, this.scene);
    } catch {
      // Without WebGL the server's own picture shows how it ended.
      this.picture.src = this.pictureUrl;
      return;
    }
    this.bar.hidden = false;
    this.picture.remove();
    const ghost = outcome.isOver ? this.#placeOf(outcome.expert) : null;
    if (ghost) this.stage.addGhost(ghost, this.scene.aim.halfExtents);
    if (this.scene.aim?.blocks.length > 0) this.#addPush(numbers);
    this.stage.show(outcome.motion);
    this.#hint("Drag to look around");
  }

  #addPush([block, angle, impulse]) {
    const body = this.scene.bodies[block - 1];
    const length = impulse / (3 * body.mass);
    const turn = angle * Math.PI / 180;
    if (length < 0.02) return;
    const from = [body.position[0], 0.01, body.position[2]];
    this.stage.addArrow(from, [from[0] + length * Math.cos(turn), 0.01, from[2] - length * Math.sin(turn)], 0.05, "#e6b422");
  }

  // Where an answer puts the red block; null where answers are no places.
  #placeOf(numbers) {
    if (!this.scene.aim || this.scene.aim.blocks.length > 0) return null;
    const { origin } = this.scene.aim;
    return [origin[0] + numbers[0] / 100, origin[1] + (numbers[1] ?? 0) / 100, origin[2]];
  }

  async #goOn() {
    this.stage?.dispose();
    this.stage = undefined;
    this.bar.hidden = true;
    this.verdict.replaceChildren();
    await this.#ask();
    this.#focus();
  }

  async #again() {
    await this.next();
    this.#focus();
  }

  // Held-out scenes, counted in the row of people: no verdict until the end.
  #offerRun() {
    const start = async (count) => {
      try {
        await this.#beginRun(await CountedRun.open(this.task, count));
      } catch (error) {
        this.offer.replaceChildren(fault(error));
      }
    };
    const kept = CountedRun.kept(this.task);
    this.offer.replaceChildren(el("div.row", { role: "group", "aria-label": "For the leaderboard" },
      el("span.soft.small.grow", {}, "Count for people, on held-out scenes:"),
      ...(kept ? [el("button", { type: "button", onclick: () => this.#beginRun(kept) }, "Go on")] : []),
      ...[10, 25].map((count) => el("button", { type: "button", "data-count": count, onclick: () => start(count) }, `Play ${count}`))));
  }

  async #beginRun(run) {
    this.stage?.dispose();
    this.stage = undefined;
    this.bar.hidden = true;
    this.current?.end?.(this);
    this.run = run;
    this.score.replaceChildren();
    await this.#nextOfRun();
  }

  async #nextOfRun() {
    try {
      const next = await this.run.next();
      if (next.done) {
        await this.#endRun();
        return;
      }

      this.verdict.replaceChildren();
      this.#put(next, `Held-out scene ${this.run.count - next.remaining + 1} of ${this.run.count}`);
      this.offer.replaceChildren(
        el("p.small", {}, el("strong", {}, `Scene ${this.run.count - next.remaining + 1} of ${this.run.count}`),
          next.step > 0 ? `, attempt ${next.step + 1}` : "", ". Answers are final; the score comes at the end."),
        el("progress", { max: this.run.count, value: this.run.count - next.remaining, "aria-label": "Scenes answered" }),
        el("div.row", {}, el("button.quiet", { type: "button", onclick: () => this.#endRun() }, "Stop and score what I have answered")));
      this.#focus();
    } catch (error) {
      this.verdict.replaceChildren(fault(error));
      CountedRun.forget(this.task);
      this.run = undefined;
      this.#offerRun();
    }
  }

  async #answerRun(numbers) {
    try {
      await this.run.answer(this.scene, numbers);
    } catch (error) {
      this.verdict.replaceChildren(fault(error));
      return;
    }
    await this.#nextOfRun();
  }

  async #endRun() {
    if (this.current) this.#endInput();
    const result = await this.run.close();
    this.run = undefined;
    const back = el("button.main", { type: "button", "data-next": true, onclick: () => this.#again() }, "Back to practice");
    this.verdict.replaceChildren(
      el("div.verdict.good", {}, el("strong", {}, "Counted."), el("span", {},
        `Mean reward ${short(result.mean)} over the ${result.count} scenes that count while the season is open. `
        + "They are in the row People now.")),
      el("div.row", { style: { marginTop: "12px" } }, back,
        el("a.button", { href: `/leaderboard?task=${this.task.id}` }, "See the leaderboard")));
    this.score.replaceChildren(score.show(this.task, score.load(this.task.id)));
    this.#offerRun();
    this.root.dataset.state = "judged";
    back.focus({ preventScroll: true });
  }

  #focus() {
    this.input.querySelector("button, input")?.focus({ preventScroll: true });
  }

  // 0 is what random answers get, 1 what the expert gets.
  #shareOf(reward) {
    const { random, perfect } = this.task.anchors;
    return (reward - random) / (perfect - random);
  }

  #query() {
    const { task, split, seed } = this.address;
    return new URLSearchParams({ task, split, seed });
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (!isTyping && this.root.dataset.state === "judged" && event.key.toLowerCase() === "n") {
      this.verdict.querySelector("[data-next]")?.click();
      return;
    }
    const act = this.current?.keys?.[event.key] ?? this.current?.keys?.[event.key.toLowerCase()];
    if (!act || isTyping || event.target instanceof HTMLCanvasElement) return;
    event.preventDefault();
    act(event.shiftKey ? 25 : 5);
  }
}
