// How a person answers: one input for each kind of task. Each shows marks in the picture and fields beside it, and
// tells its numbers. Everything can be done with the keyboard alone.

import { PictureCamera } from "./camera.js";
import { el } from "./dom.js";

const points = (corners) => corners.map(([x, y]) => `${x.toFixed(4)},${y.toFixed(4)}`).join(" ");
const clamp = (value, axis) => Math.min(axis.max, Math.max(axis.min, value));
const rounded = (value, axis) => clamp(axis.isInteger ? Math.round(value) : Math.round(value * 10) / 10, axis);

/** The input of a task for a scene: the one that its first axis asks for. */
export function inputFor(task, scene, game) {
  const inputs = {
    place: PlaceInput, choice: ChoiceInput, turn: TurnInput, quarter: QuarterInput, tile: JigsawInput, arrow: PushInput,
    number: NumberInput, list: ListInput,
  };
  return new inputs[task.answer[0].input](task, scene, game);
}

/** Buttons that answer at once. */
class ChoiceInput {
  constructor(task, scene, game) {
    const { choices } = task.answer[0];
    const order = choices.map((word, index) => ({ word, index }));
    if (choices.length === 2) order.reverse();   // Yes comes first, as in the prompt.
    this.hint = choices.length === 2 ? null : "Choose one";
    this.keys = {};
    const isSpelt = new Set(choices.map((word) => word[0])).size === choices.length;   // else words are numbered
    this.panel = el(choices.length === 2 ? "div.answers.two" : "div.answers", {}, ...order.map(({ word, index }) => {
      const key = isSpelt ? word[0].toLowerCase() : String(index + 1);
      this.keys[key] = () => game.answer([index]);
      return el("button", { type: "button", "data-answer": word, onclick: () => game.answer([index]) },
        word[0].toUpperCase() + word.slice(1), el("kbd", { "aria-hidden": "true" }, key.toUpperCase()));
    }));
  }
}

/** Quarter turns: choosing one turns the picture back, so that one sees whether it is right. */
class TurnInput {
  constructor(task, scene, game) {
    this.hint = "Choose a turn; the picture is turned back by it";
    this.keys = {};
    const turn = (index) => {
      this.index = index;
      game.picture.style.transform = `rotate(${-90 * index}deg)`;
      this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
      send.disabled = false;
    };
    this.buttons = task.answer[0].choices.map((word, index) => {
      this.keys[String(index + 1)] = () => turn(index);
      return el("button", { type: "button", "aria-pressed": "false", "data-answer": word, onclick: () => turn(index) },
        `${word}°`, el("kbd", { "aria-hidden": "true" }, String(index + 1)));
    });
    const send = sendButton(() => game.answer([this.index]));
    send.disabled = true;
    this.panel = el("div.stack", {}, el("div.answers", { role: "group", "aria-label": "Turned by" }, ...this.buttons), send);
  }

  end(game) { game.picture.style.transform = ""; }
}

/** The quarters of the picture on the left. */
class QuarterInput {
  constructor(task, scene, game) {
    this.hint = "Where on the left is the patch on the right?";
    this.keys = {};
    const words = task.answer[0].choices;
    const make = (label) => words.map((word, index) => {
      this.keys[String(index + 1)] = () => game.answer([index]);
      const properties = { type: "button", "data-answer": word, onclick: () => game.answer([index]) };
      return label
        ? el("button", properties, word.replace("-", " "), el("kbd", { "aria-hidden": "true" }, String(index + 1)))
        : el("button", { ...properties, tabindex: -1, "aria-hidden": "true" });
    });
    this.layer = el("div.quarters", {}, ...make(false));
    this.panel = el("div.answers.two", {}, ...make(true));
  }
}

/** Four tiles that change places until the picture is whole. */
class JigsawInput {
  constructor(task, scene, game) {
    this.hint = "Choose two tiles to exchange them";
    this.tileAt = [0, 1, 2, 3];                     // place in the whole picture -> tile of the shuffled one
    const places = ["top left", "top right", "bottom left", "bottom right"];
    this.layer = el("div.tiles", {}, ...places.map((place, i) => el(
      "button", { type: "button", "aria-pressed": "false", onclick: () => this.#choose(i) },
      el("span.visually-hidden", {}, `Tile at ${place}`))));
    this.url = game.pictureUrl;
    this.#draw();
    this.panel = el("div.stack", {},
      el("p.soft", {}, "Exchange tiles until the picture is whole: choose one, then another."),
      sendButton(() => game.answer(this.numbers)));
  }

  /** For each tile of the shuffled picture, where it belongs, from 1. */
  get numbers() { return [0, 1, 2, 3].map((tile) => this.tileAt.indexOf(tile) + 1); }

  #choose(place) {
    if (this.chosen === undefined) {
      this.chosen = place;
    } else {
      [this.tileAt[place], this.tileAt[this.chosen]] = [this.tileAt[this.chosen], this.tileAt[place]];
      this.chosen = undefined;
    }
    this.#draw();
  }

  #draw() {
    [...this.layer.children].forEach((button, place) => {
      const tile = this.tileAt[place];
      button.style.backgroundImage = `url("${this.url}")`;
      button.style.backgroundPosition = `${(tile % 2) * 100}% ${tile < 2 ? 0 : 100}%`;
      button.setAttribute("aria-pressed", String(place === this.chosen));
    });
  }
}

/** Numbers that are typed. */
class NumberInput {
  constructor(task, scene, game) {
    const names = { x: "x, cm to the right", y: "y, cm up" };
    const fields = task.answer.map((axis) => numberField(
      axis, names[axis.name] ?? axis.name + (axis.unit === "1" ? "" : `, ${axis.unit}`)));
    for (const { input } of fields) input.value = "";   // Nothing is an answer before it is typed.
    this.panel = el("form", { onsubmit: (event) => {
      event.preventDefault();
      game.answer(fields.map(({ input }) => Number(input.value)));
    } }, el("div.fields", {}, ...fields.map((field) => field.label)), sendButton());
  }
}

/** A list: a row of fields for each item, the last on top, as blocks stand on one another. */
class ListInput {
  constructor(task, scene, game) {
    const [list] = task.answer;
    this.hint = null;
    this.rows = [];
    const rows = el("div.stack");
    const resize = (count) => {
      if (count < list.min || count > list.max) return;
      while (this.rows.length > count) this.rows.pop().line.remove();
      while (this.rows.length < count) {
        const row = this.#row(list.fields, this.rows.length + 1);
        this.rows.push(row);
        rows.prepend(row.line);
      }
      more.disabled = count === list.max;
      less.disabled = count === list.min;
    };
    const button = (text, name, step) => el(
      "button", { type: "button", onclick: () => resize(this.rows.length + step), [name]: true }, text);
    const more = button("One more on top", "data-more", 1);
    const less = button("Take the top one away", "data-less", -1);
    this.panel = el("form", { onsubmit: (event) => {
      event.preventDefault();
      game.answer(this.#numbers(task.answer));
    } }, el("div.stack", {}, el("div.row", {}, more, less), rows, sendButton()));
    resize(Math.max(2, list.min));
  }

  #row(fields, item) {
    const inputs = fields.map((axis) => {
      const name = `${axis.name}${item}`;
      if (!axis.choices) return numberField({ ...axis, name }, `${axis.name}, ${axis.unit}`);
      const input = el("select", { "data-axis": name }, ...axis.choices.map((word, i) => el("option", { value: i }, word)));
      return { input, label: el("label", {}, axis.name, input) };
    });
    const title = item === 1 ? "Lowest" : `Number ${item}`;
    return { inputs, line: el("fieldset.item", {}, el("legend.soft.small", {}, title),
      el("div.fields", {}, ...inputs.map(({ label }) => label))) };
  }

  // What is beyond the number of items means nothing, and must be legal.
  #numbers(axes) {
    const values = this.rows.flatMap(({ inputs }) => inputs.map(({ input }) => Number(input.value)));
    return [this.rows.length, ...axes.slice(1).map((axis, i) => values[i] ?? clamp(0, axis))];
  }
}

/** A block that is dragged to its place: along a line, or in the plane of the tower. */
class PlaceInput {
  constructor(task, scene, game) {
    this.task = task;
    this.camera = new PictureCamera(scene.aim.camera);
    this.half = scene.aim.halfExtents;
    this.origin = scene.aim.origin;
    this.isPlane = task.answer.length === 2;
    this.hint = this.isPlane ? "Drag the red block" : "Drag the block along the line";
    this.values = task.answer.map((axis) => axis.start);
    this.layer = el("svg.marks", { viewBox: "0 0 1 1", "aria-hidden": "true" });
    this.fields = task.answer.map((axis, i) => numberField(axis, axis.name === "x" ? "x, cm to the right" : "y, cm up",
      () => this.#set(i, Number(this.fields[i].input.value), true)));
    this.panel = el("form", { onsubmit: (event) => { event.preventDefault(); game.answer(this.values); } },
      el("div.fields", {}, ...this.fields.map((field) => field.label)), sendButton());
    this.keys = {
      ArrowLeft: (step) => this.#set(0, this.values[0] - step), ArrowRight: (step) => this.#set(0, this.values[0] + step),
    };
    if (this.isPlane) {
      this.keys.ArrowUp = (step) => this.#set(1, this.values[1] + step);
      this.keys.ArrowDown = (step) => this.#set(1, this.values[1] - step);
    }
    drag(this.layer, (point, from) => {
      const [now, before] = [point, from].map((at) => this.camera.place(at, 2, this.origin[2] + this.half[2]));
      this.#set(0, this.dragged[0] + (now[0] - before[0]) * 100);
      if (this.isPlane) this.#set(1, this.dragged[1] + (now[1] - before[1]) * 100);
    }, () => { this.dragged = [...this.values]; });
    this.#draw();
  }

  #set(index, value, isTyped = false) {
    if (!Number.isFinite(value)) return;
    this.values[index] = rounded(value, this.task.answer[index]);
    if (!isTyped) this.fields[index].input.value = this.values[index];
    this.#draw();
  }

  #draw() {
    const [x, y] = [this.values[0] / 100, this.isPlane ? this.values[1] / 100 : 0];
    const place = [this.origin[0] + x, this.origin[1] + y, this.origin[2]];
    this.fields.forEach((field, i) => { if (document.activeElement !== field.input) field.input.value = this.values[i]; });
    const bottom = (at) => this.camera.project([at[0], at[1], at[2] + this.half[2]]);
    const line = this.isPlane ? [this.origin, place]
      : [[this.origin[0] - 12, this.origin[1], this.origin[2]], [this.origin[0] + 12, this.origin[1], this.origin[2]]];
    const before = this.camera.faces(this.origin, this.half).map((face) => el("polygon.outline", { points: points(face.corners) }));
    this.layer.replaceChildren(
      el("polyline.trail", { points: points(line.map(bottom)) }), ...before,
      el("g.handle", {}, ...this.camera.faces(place, this.half).map(
        (face) => el(`polygon.face.${face.kind}`, { points: points(face.corners) }))));
  }
}

/** A push: which block, from which arrow. */
class PushInput {
  constructor(task, scene, game) {
    this.task = task;
    this.blocks = scene.aim.blocks;
    this.camera = new PictureCamera(scene.aim.camera);
    this.perMetre = 3 * scene.aim.mass;              // N s for each metre of arrow: 3 m/s to a free block
    this.hint = "Pick a block, drag its arrow";
    this.values = [1, 0, this.perMetre];
    this.layer = el("svg.marks", { viewBox: "0 0 1 1", "aria-hidden": "true" });
    this.buttons = this.blocks.map((_, i) => el("button", {
      type: "button", "aria-pressed": String(i === 0), onclick: () => this.#set(0, i + 1),
    }, String(i + 1)));
    const names = { angle: "Angle, degrees", impulse: "Impulse, N s" };
    this.fields = task.answer.slice(1).map((axis, i) => numberField(axis, names[axis.name],
      () => this.#set(i + 1, Number(this.fields[i].input.value), true)));
    this.panel = el("form", { onsubmit: (event) => { event.preventDefault(); game.answer(this.values); } },
      el("div.stack", {}, el("div.row", { role: "group", "aria-label": "Block" }, el("span.soft.small", {}, "Block"), ...this.buttons),
        el("div.fields", {}, ...this.fields.map((field) => field.label)), sendButton()));
    this.keys = {
      ArrowLeft: (step) => this.#set(1, this.values[1] + step), ArrowRight: (step) => this.#set(1, this.values[1] - step),
      ArrowUp: (step) => this.#set(2, this.values[2] + step), ArrowDown: (step) => this.#set(2, this.values[2] - step),
    };
    this.blocks.forEach((_, i) => { this.keys[String(i + 1)] = () => this.#set(0, i + 1); });
    drag(this.layer, (point) => this.#aim(point), (point) => this.#pick(point));
    this.#draw();
  }

  get #middle() { return this.blocks[this.values[0] - 1].position; }

  // The tip in the world: ahead of the block's middle, on its own height.
  get #tip() {
    const [, angle, impulse] = this.values;
    const length = impulse / this.perMetre;
    const turn = angle * Math.PI / 180;
    return this.#middle.map((c, i) => c + length * [Math.cos(turn), 0, -Math.sin(turn)][i]);
  }

  #pick(point) {
    const hit = this.blocks.findLastIndex((body) =>
      this.camera.faces(body.position, body.halfExtents).some((face) => isInside(point, face.corners)));
    this.isAiming = hit < 0 || hit === this.values[0] - 1;
    if (hit >= 0) this.#set(0, hit + 1);
  }

  #aim(point) {
    if (!this.isAiming) return;
    const middle = this.#middle;
    const place = this.camera.place(point, 1, middle[1]);
    const [x, z] = [place[0] - middle[0], place[2] - middle[2]];
    this.#set(1, Math.atan2(-z, x) * 180 / Math.PI);
    this.#set(2, Math.hypot(x, z) * this.perMetre);
  }

  #set(index, value, isTyped = false) {
    if (!Number.isFinite(value)) return;
    const axis = this.task.answer[index];
    if (axis.name === "angle" && Math.abs(value) > 180) value -= 360 * Math.sign(value);
    this.values[index] = rounded(value, axis);
    if (index > 0 && !isTyped) this.fields[index - 1].input.value = this.values[index];
    this.#draw();
  }

  #draw() {
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === this.values[0] - 1)));
    this.fields.forEach((field, i) => { if (document.activeElement !== field.input) field.input.value = this.values[i + 1]; });
    const [a, b] = [this.#middle, this.#tip].map((place) => this.camera.project(place));
    const ends = { x1: a[0], y1: a[1], x2: b[0], y2: b[1] };
    const body = this.blocks[this.values[0] - 1];
    this.layer.replaceChildren(
      ...this.camera.faces(body.position, body.halfExtents).map((face) => el("polygon.pick.on", { points: points(face.corners) })),
      el("line.shaft", ends), el("line.shaft.over", ends),
      el("circle.tip", { cx: b[0], cy: b[1], r: 0.026 }));
  }
}

function numberField(axis, text, oninput) {
  const input = el("input", {
    type: "number", min: axis.min, max: axis.max, step: axis.isInteger ? 1 : "any", inputmode: axis.min < 0 ? "text" : "decimal",
    value: 0, required: true, oninput, "data-axis": axis.name,
  });
  return { input, label: el("label", {}, text, input) };
}

const sendButton = (onclick) => el(
  "button.main", { type: onclick ? "button" : "submit", onclick, "data-send": true, style: { width: "100%" } },
  "Answer", el("kbd", { "aria-hidden": "true" }, "Enter"));

// Pointer down anywhere in the layer begins; both callbacks get points in the picture, in [0, 1].
function drag(layer, move, begin) {
  const at = (event) => {
    const box = layer.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  let from;
  layer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    layer.setPointerCapture(event.pointerId);
    from = at(event);
    begin(from);
    move(from, from);
  });
  layer.addEventListener("pointermove", (event) => { if (from) move(at(event), from); });
  for (const end of ["pointerup", "pointercancel"]) layer.addEventListener(end, () => { from = undefined; });
}

function isInside([x, y], corners) {
  let isIn = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [corners[i], corners[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) isIn = !isIn;
  }
  return isIn;
}
