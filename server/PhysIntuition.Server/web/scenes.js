import { anySeed, get, listTasks, nameOf, sceneUrl } from "./lib/api.js";
import { LANGUAGES, codeFor } from "./lib/code.js";
import { byId, el, fault, short } from "./lib/dom.js";
import { Stage } from "./lib/stage.js";

const LOOKS = { style: "Style", ground: "Ground", palette: "Colours", surface: "Surface" };
const CHANNELS = { rgb: "Picture", depth: "Depth", segmentation: "Segmentation", normals: "Normals" };

let tasks, task, stage, turn = 0, language = LANGUAGES[0];
const fields = {};

try {
  tasks = await listTasks();
  buildForm(new URLSearchParams(location.search));
  await chooseTask();
  await show();
} catch (error) {
  byId("result").replaceChildren(fault(error));
}

function buildForm(query) {
  const wanted = tasks.find((one) => one.id === query.get("task")) ?? tasks[0];
  fields.task = select("Task", tasks.map((one) => [one.id, one.id]), async () => { await chooseTask(); await show(); });
  fields.split = select("Split and suite", [], show);
  fields.seed = el("input", { type: "number", min: 0, max: 281474976710655, step: 1, value: query.get("seed") ?? 7, onchange: show });
  fields.options = el("textarea", { rows: 5, spellcheck: "false", value: query.get("options") ?? "{}", onchange: readOptions });
  fields.looks = el("div.pair");
  fields.task.input.value = wanted.id;
  const dice = el("button", { type: "button", onclick: () => { fields.seed.value = anySeed(); show(); } }, "Another seed");
  byId("form").replaceChildren(
    fields.task.label, fields.split.label, el("label", {}, "Seed", fields.seed), dice, fields.looks,
    el("label", {}, "Options, JSON", fields.options), el("p.soft.small", { id: "known" }));
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  fields.wantedSplit = query.get("split");
}

async function chooseTask() {
  task = tasks.find((one) => one.id === fields.task.input.value);
  const { defaults, schema } = await get(`/api/tasks/${task.id}`);
  const open = task.splits.filter((split) => split !== "heldout");
  const suites = task.suites.map((suite) => [`test/${suite.name}`, `test/${suite.name}: ${suite.summary}`]);
  fill(fields.split.input, [...open.map((split) => [split, split]), ...suites]);
  fields.split.input.value = fields.wantedSplit ?? open[0];
  if (!fields.split.input.value) fields.split.input.value = open[0];
  fields.wantedSplit = null;
  const looks = task.hasScenes ? Object.entries(LOOKS) : [];
  fields.looks.replaceChildren(...looks.map(([name, title]) => lookField(name, title, defaults, schema)));
  byId("known").textContent = `Known options: ${Object.keys(defaults).join(", ")}.`;
  if (!fields.hasOptions && fields.options.value.trim() !== "{}") readOptions();
  fields.hasOptions = true;
}

function lookField(name, title, defaults, schema) {
  const property = schema.properties?.[name] ?? {};
  const reference = property.$ref ?? property.oneOf?.[0]?.$ref ?? property.allOf?.[0]?.$ref ?? "";
  const words = property.enum ?? schema.definitions?.[reference.split("/").pop()]?.enum ?? [defaults[name]];
  const field = select(title, words.map((word) => [word, word]), () => {
    const options = parsed() ?? {};
    if (field.input.value === defaults[name]) delete options[name];
    else options[name] = field.input.value;
    fields.options.value = JSON.stringify(options, null, 1);
    show();
  });
  field.input.value = parsed()?.[name] ?? defaults[name];
  return field.label;
}

function parsed() {
  try {
    return JSON.parse(fields.options.value || "{}");
  } catch {
    return null;
  }
}

function readOptions() {
  fields.options.setCustomValidity(parsed() ? "" : "This is no JSON object.");
  if (fields.options.reportValidity()) show();
}

async function show() {
  const mine = ++turn;
  const address = {
    task: task.id, split: fields.split.input.value, seed: fields.seed.value || "0", options: JSON.stringify(parsed() ?? {}),
  };
  history.replaceState(null, "", `/scenes?${new URLSearchParams(address)}`);
  try {
    const scene = await get(sceneUrl(address));
    const outcome = await get(sceneUrl({ ...address, answers: [scene.expert] }, "/outcome"));
    if (mine === turn) draw(address, scene, outcome);
  } catch (error) {
    if (mine === turn) byId("result").replaceChildren(fault(error));
  }
}

function draw(address, scene, outcome) {
  stage?.dispose();
  stage = undefined;
  const hasChannels = task.observations.includes("depth");
  const [frame, bar, note] = [el("div.frame"), el("div.player"), el("p.soft.small")];
  byId("result").replaceChildren(
    el("section.card.stack", { "aria-label": "Pictures" },
      el("div.channels", {}, ...Object.entries(CHANNELS).filter(([name]) => hasChannels || name === "rgb").map(
        ([name, title]) => channel(address, name, title))),
      el("p", {}, scene.prompt)),
    el("section.card", { "aria-labelledby": "outcome" }, el("h2", { id: "outcome" }, "Outcome"),
      el("div.game", {}, el("div", {}, frame, bar), facts(scene, outcome)), note),
    code(scene));
  if (scene.bodies.length === 0) {
    frame.remove();
    return;
  }

  try {
    stage = new Stage(frame, bar, scene);
    stage.show(outcome.motion);
  } catch {
    frame.append(el("img", { alt: "How it ended", src: sceneUrl({ ...address, answers: [scene.expert] }, "/picture", { size: 512 }) }));
    note.textContent = "This browser has no WebGL; the picture shows how it ended.";
  }
}

function channel(address, name, title) {
  const caption = el("figcaption", {}, title);
  const url = sceneUrl(address, "/picture", { size: 448, channel: name });
  const image = el("img", { src: url, alt: `${title} of the scene`, width: 448, height: 448 });
  if (name === "depth") {
    fetch(url).then((reply) => {
      const range = reply.headers.get("PhysIntuition-Depth")?.split("-");
      if (range) caption.textContent = `Depth, ${range.map((end) => Number(end).toFixed(1)).join(" to ")} m`;
    }, () => {});   // Then the caption has no numbers.
  }
  return el("figure", {}, el("a", { href: url }, image), caption);
}

function facts(scene, outcome) {
  const fact = (name, value, isHash = false) => value === undefined || value === null ? null
    : el("div", {}, el("dt", {}, name), el(isHash ? "dd.hash" : "dd", {}, value));
  return el("dl.facts.column", {},
    fact("Expert's answer", scene.expertText), fact("Its reward", short(outcome.return)), fact("Verdict", outcome.verdict),
    fact("Static margin, block widths", scene.margin === undefined ? null : scene.margin.toFixed(4)),
    fact("Scene hash", scene.sceneHash, true), fact("Outcome hash", outcome.outcomeHash ?? scene.outcomeHash, true),
    fact("Bodies", String(scene.bodies.length)));
}

function code(scene) {
  const text = el("code");
  const pre = el("pre", { tabindex: 0, "aria-label": "Code" }, text);
  const buttons = LANGUAGES.map((name) => el("button", {
    type: "button", "aria-pressed": "false", onclick: () => choose(name),
  }, name));
  const copy = el("button", { type: "button", onclick: () => copyText(copy, text.textContent) }, "Copy");
  const choose = (name) => {
    language = name;
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === name)));
    text.textContent = codeFor(name, scene, parsed() ?? {});
  };
  choose(language);
  return el("section.card", { "aria-labelledby": "code" }, el("h2", { id: "code" }, "Get this scene yourself"),
    el("div.tabs", { role: "group", "aria-label": "Language" }, ...buttons), el("div.code", {}, pre, copy));
}

async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy";   // Clipboards want https or localhost.
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

function select(title, choices, onchange) {
  const input = el("select", { onchange });
  fill(input, choices);
  return { input, label: el("label", {}, title, input) };
}

function fill(input, choices) {
  input.replaceChildren(...choices.map(([value, text]) => el("option", { value }, text)));
}
