import { byId, el, many, short } from "./lib/dom.js";
import { follow } from "./lib/events.js";

const LENGTH = 60;   // s of history
const prefix = "physintuition_";

// What is shown: a counter's growth per second, a gauge, or the ratio of two counters' growth.
const METERS = [
  { name: "Steps / s", rate: "slot_steps_total" },
  { name: "Pixels / s", rate: "pixels_total" },
  { name: "Resets / s", rate: "slot_resets_total" },
  { name: "Sessions", gauge: "sessions" },
  { name: "Slots", gauge: "slots" },
  { name: "Queue depth", gauge: "queue_depth" },
  { name: "Worlds per batch", ratio: ["batch_worlds_sum", "batch_worlds_count"] },
  { name: "Calls per batch", ratio: ["batch_calls_sum", "batch_calls_count"] },
  { name: "Queue wait, ms", ratio: ["queue_wait_seconds_sum", "queue_wait_seconds_count"], scale: 1000 },
  { name: "Allocated, MB / s", rate: "allocated", scale: 1e-6 },
];

let before;
const drawn = new Map();
const pictures = new Map();
watch();

// Reconnects by itself, until the server asks for a token that the visitor has not typed yet.
async function watch() {
  try {
    const isRefused = await follow("/api/watch", sessionStorage.getItem("physintuition.token"), {
      metrics: (data) => { say("live", true); measure(data); },
      environments: (data) => showEnvironments(JSON.parse(data)),
    });
    if (isRefused) {
      askForToken();
      return;
    }
  } catch {
    // The connection broke.
  }
  say("the server does not answer; trying again", false);
  setTimeout(watch, 2000);
}

function askForToken() {
  say("this server wants an API token with the scope admin", false);
  const field = el("input", { type: "text", autocomplete: "off", spellcheck: "false", required: true });
  byId("meters").replaceChildren(el("form.card.row", {
    onsubmit: (event) => {
      event.preventDefault();
      sessionStorage.setItem("physintuition.token", field.value.trim());
      byId("meters").replaceChildren();
      watch();
    },
  }, el("label.grow", {}, "API token", field), el("button.main", {}, "Watch")));
}

function say(text, isOn) {
  byId("live").textContent = text;
  byId("live").classList.toggle("on", isOn);
}

function measure(text) {
  const now = { at: performance.now() / 1000 };
  for (const line of text.split("\n")) {
    const [name, value] = line.split(" ");
    if (name) now[name.replace(prefix, "")] = Number(value);
  }
  for (const meter of METERS) {
    const value = valueOf(meter, now);
    if (value !== undefined) draw(meter, value);
  }
  before = now;
}

function valueOf(meter, now) {
  const scale = meter.scale ?? 1;
  if (meter.gauge) return now[meter.gauge];
  const known = meter.rate ?? meter.ratio[1];
  if (now[known] === undefined && !meter.rate) return undefined;
  if (!before) return 0;
  const growth = (name) => (now[name] ?? 0) - (before[name] ?? 0);
  if (meter.rate) return scale * Math.max(0, growth(meter.rate)) / (now.at - before.at);
  const count = growth(meter.ratio[1]);
  return count > 0 ? scale * growth(meter.ratio[0]) / count : 0;
}

function draw(meter, value) {
  let shown = drawn.get(meter);
  if (!shown) {
    shown = { history: [], value: el("div.value"), area: el("polygon"), line: el("polyline") };
    drawn.set(meter, shown);
    byId("meters").append(el("div.card.meter", {}, el("div.name", {}, meter.name), shown.value,
      el("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" }, shown.area, shown.line)));
  }
  shown.history = [...shown.history, value].slice(-LENGTH);
  shown.value.textContent = short(value);
  const most = Math.max(...shown.history, 1e-9);
  const points = shown.history.map((one, i) =>
    `${(100 * (i + LENGTH - shown.history.length)) / (LENGTH - 1)},${(28 - 26 * one / most).toFixed(2)}`);
  shown.line.setAttribute("points", points.join(" "));
  shown.area.setAttribute("points", `${points[0].split(",")[0]},30 ${points.join(" ")} 100,30`);
}

function showEnvironments({ count, slots, shown }) {
  byId("count").textContent = count === 0
    ? "None is open. Connect a client and come back, or play a task."
    : `${count} open with ${many(slots, "slot")} in all` + (shown.length < count ? `; ${shown.length} of them:` : ":");
  byId("environments").replaceChildren(...shown.map((one, index) => {
    // Between two episodes there is nothing new to see: the last picture stays.
    const key = [index, one.task, one.client].join();
    if (one.picture) pictures.set(key, `data:image/png;base64,${one.picture}`);
    return el("li", {}, el("figure", {},
      el("img", { src: pictures.get(key) ?? "/favicon.svg", alt: `What one slot of ${one.task} shows`, width: 160, height: 160 }),
      el("figcaption", {}, el("strong", {}, one.task), `${one.split} · ${many(one.slots, "slot")} · ${one.client || "unnamed client"}`)));
  }));
}
