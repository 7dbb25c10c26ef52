// One task to play: picture, question, answer, what came of it, score.

import { anySeed, get, nameOf, sceneUrl } from "./api.js";
import { el, fault, many, short } from "./dom.js";
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
    this.rules = el("div");   // how many answers there are, where the visitor may choose
    this.verdict = el("div", { role: "status", "aria-live": "polite" });
    this.score = el("div", {}, score.show(task, score.load(task.id)));
    this.offer = el("div");
    const head = settings.isNarrow ? null : el("h2", {}, nameOf(task.id));
    root.replaceChildren(el(settings.isNarrow ? "div.game.narrow" : "div.game", {},
      el("div", {}, this.frame, this.bar),
      el("div.card.panel", {}, head, this.question, this.input, this.verdict, this.score, this.rules,
        this.offer)));
    this.root = root;
    if (!settings.isNarrow && task.splits.includes("heldout")) this.#offerRun();
    if (!settings.isNarrow && task.asksOnce) this.#offerRules();
    this.frame.addEventListener("pointerdown", () => this.#hint(null));
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Another scene. */
  async next(seed = anySeed()) {
    this.#clear();
    this.address = { task: this.task.id, split: this.split, seed, answers: [], options: this.options };
    this.verdict.replaceChildren();
    await this.#ask();
  }

  /** Gives an answer and shows what comes of it; where that fails, the question stands again. */
  async answer(numbers) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.#endInput();
    try {
      await (this.run ? this.#answerRun(numbers) : this.#answerScene(numbers));
    } catch (error) {
      this.#put(this.scene, this.picture.alt);
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
    this.input.replaceChildren(this.current.panel, ...this.#tryBox(scene.triesLeft ?? 0));
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

  async #answerScene(numbers) {
    this.verdict.replaceChildren(el("p.soft", {}, "Asking physics …"));
    const isTry = this.isTry?.checked ?? false;
    const answers = [...this.address.answers, isTry ? { try: [...numbers] } : [...numbers]];
    const outcome = await get(sceneUrl({ ...this.address, answers }, "/outcome"));
    this.address.answers = answers;
    this.#show(outcome, numbers, isTry);
  }

  #show(outcome, numbers, isTry) {
    const share = this.#shareOf(outcome.isOver ? outcome.return : outcome.reward);
    const isGood = share > 0.75;
    if (outcome.isOver) this.score.replaceChildren(score.show(this.task, score.add(this.task.id, outcome.return, isGood)));
    this.#play(outcome, numbers);
    const text = [`Reward ${short(outcome.reward)}`];
    if (outcome.distance !== undefined) text.push(`${(outcome.distance * 100).toFixed(1)} cm off`);
    if (this.task.asksOnce && !this.task.answer[0].choices && outcome.isOver) text.push(`expert: ${this.#expert(outcome)}`);
    const go = outcome.isOver
      ? el("button.main", { type: "button", "data-next": true, onclick: () => this.#again() },
        "Next scene", el("kbd", { "aria-hidden": "true" }, "N"))
      : el("button.main", { type: "button", "data-next": true, onclick: () => this.#goOn() },
        this.#nextAttempt(), el("kbd", { "aria-hidden": "true" }, "N"));
    this.verdict.replaceChildren(
      el(isTry ? "div.verdict" : isGood ? "div.verdict.good" : share < 0.35 ? "div.verdict.bad" : "div.verdict", {},
        el("strong", {}, outcome.verdict ?? ""), el("span", {}, text.join(" · "))),
      el("div.row", { style: { marginTop: "12px" } }, go,
        outcome.isOver ? el("a.button", { href: `/scenes?${this.#query()}` }, "About this scene") : null));
    go.focus({ preventScroll: true });
    this.root.dataset.state = "judged";
  }

  // Several answers to one question, or one answer after the other.
  get #turnName() {
    return this.task.asksOnce ? "Attempt" : "Step";
  }

  #nextAttempt() {
    const { attempts } = this.scene;
    const answered = this.address.answers.filter((answer) => !answer.try).length;
    return attempts > 1 ? `${this.#turnName} ${answered + 1} of ${attempts}` : "Go on";
  }

  // While it is checked, whatever is answered is only tried.
  #tryBox(left) {
    this.isTry = undefined;
    if (left === 0) return [];
    this.isTry = el("input", { type: "checkbox", "data-try": true });
    const cost = short(this.scene.options.tryCost);
    return [el("label.check.small", {}, this.isTry, `Only try it: costs ${cost}, ${left} ${left === 1 ? "try" : "tries"} left`)];
  }

  #offerRules() {
    const choice = (name, values, usual) => {
      const select = el("select", { "data-rule": name, onchange: () => this.#setRules() },
        ...values.map((value) => el("option", { value: String(value), selected: value === usual }, String(value))));
      return el("label.small", {}, name, select);
    };
    this.rules.replaceChildren(el("div.row", { role: "group", "aria-label": "Answers" },
      choice("Attempts", [1, 2, 3, 5], this.task.maxSteps), choice("Tries", [0, 1, 3, 5], 0)));
  }

  #setRules() {
    const [attempts, tries] = [...this.rules.querySelectorAll("select")].map((select) => Number(select.value));
    const own = { ...(attempts === this.task.maxSteps ? {} : { attempts }), ...(tries === 0 ? {} : { tries }) };
    this.options = Object.keys(own).length === 0 ? undefined : JSON.stringify(own);
    return this.#goTo(() => this.next(this.address.seed));
  }

  #expert(outcome) {
    const isList = this.task.answer[0].fields && this.scene.expertText;
    return isList ? this.scene.expertText.replace(/<.?answer>/g, "") : outcome.expert.map(short).join(", ");
  }

  #play(outcome, numbers) {
    this.#clear();
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

  #clear() {
    this.stage?.dispose();
    this.stage = undefined;
    this.bar.hidden = true;
  }

  #goOn() {
    return this.#goTo(() => {
      this.#clear();
      this.verdict.replaceChildren();
      return this.#ask();
    });
  }

  #again() {
    return this.#goTo(() => this.next());
  }

  async #goTo(question) {
    try {
      await question();
      this.#focus();
    } catch (error) {
      this.verdict.replaceChildren(fault(error), el(
        "button.main", { type: "button", "data-next": true, onclick: () => this.#goTo(question) }, "Try again"));
    }
  }

  // Held-out scenes, counted in the row of people: no verdict until the end.
  #offerRun() {
    const kept = CountedRun.kept(this.task);
    const start = (text, run, more) => el("button", { type: "button", onclick: () => this.#beginRun(run), ...more }, text);
    this.offer.replaceChildren(el("p.soft.small", {}, "Count for people, on held-out scenes:"),
      el("div.row", { role: "group", "aria-label": "For the leaderboard" },
        kept ? start("Go on", () => kept) : null,
        ...[10, 25].map((count) => start(`Play ${count}`, () => CountedRun.open(this.task, count), { "data-count": count }))));
  }

  async #beginRun(open) {
    try {
      this.run = await open();
      await this.#nextOfRun();
      this.score.replaceChildren();
    } catch (error) {
      this.run = undefined;
      if (error.status === 404) CountedRun.forget(this.task);
      this.#offerRun();
      this.offer.append(fault(error));
    }
  }

  async #nextOfRun() {
    const next = await this.run.next();
    if (next.done) {
      await this.#endRun();
      return;
    }

    this.#clear();
    this.rules.replaceChildren();
    this.current?.end?.(this);
    this.verdict.replaceChildren();
    const scene = this.run.count - next.remaining + 1;
    this.#put(next, `Held-out scene ${scene} of ${this.run.count}`);
    const stop = el("button.quiet", { type: "button", onclick: () => this.#stopRun() }, "Stop and score what I have answered");
    this.offer.replaceChildren(
      el("p.small", {}, el("strong", {}, `Scene ${scene} of ${this.run.count}`),
        next.step > 0 ? `, ${this.#turnName.toLowerCase()} ${next.step + 1}` : "", ". Answers are final; the score comes at the end."),
      el("progress", { max: this.run.count, value: scene - 1, "aria-label": "Scenes answered" }), el("div.row", {}, stop));
    this.#focus();
  }

  async #answerRun(numbers) {
    try {
      await this.run.answer(this.scene, numbers);
    } catch (error) {
      if (error.status !== 409) throw error;   // Answered already, and the reply was lost: the run goes on.
    }
    await this.#nextOfRun();
  }

  async #stopRun() {
    try {
      await this.#endRun();
    } catch (error) {
      this.verdict.replaceChildren(fault(error));
    }
  }

  async #endRun() {
    const result = await this.run.close();
    if (this.current) this.#endInput();
    this.run = undefined;
    const back = el("button.main", { type: "button", "data-next": true, onclick: () => this.#again() }, "Back to practice");
    this.verdict.replaceChildren(
      el("div.verdict.good", {}, el("strong", {}, "Counted."), el("span", {},
        `Mean reward ${short(result.mean)} over the ${many(result.count, "scene")} that count while the season is open. `
        + "They are in the row People now.")),
      el("div.row", { style: { marginTop: "12px" } }, back,
        el("a.button", { href: `/leaderboard?task=${this.task.id}` }, "See the leaderboard")));
    this.score.replaceChildren(score.show(this.task, score.load(this.task.id)));
    this.#offerRun();
    if (this.task.asksOnce) this.#offerRules();
    this.options = undefined;
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
    const { task, split, seed, options } = this.address;
    return new URLSearchParams({ task, split, seed, ...(options && { options }) });
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
