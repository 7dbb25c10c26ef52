// A visitor's own practice score: kept in this browser and nowhere else.

import { el, short } from "./dom.js";

const key = (task) => `physintuition.score.${task}`;
const empty = { count: 0, sum: 0, best: null, streak: 0 };

/** What was kept. */
export function load(task) {
  try {
    return { ...empty, ...JSON.parse(localStorage.getItem(key(task)) ?? "{}") };
  } catch {
    return { ...empty };   // Storage is off, or holds something else.
  }
}

/** Adds an episode. */
export function add(task, value, isGood) {
  const score = load(task);
  score.count += 1;
  score.sum += value;
  score.best = score.best === null ? value : Math.max(score.best, value);
  score.streak = isGood ? score.streak + 1 : 0;
  try {
    localStorage.setItem(key(task), JSON.stringify(score));
  } catch {
    // Then it lasts as long as the page.
  }
  return score;
}

/** Count, mean and streak, and a scale on which 0 is a random player and 1 the expert. */
export function show(task, score) {
  if (score.count === 0) {
    return el("p.soft.small", {}, "Practice: your score stays in this browser.");
  }

  const mean = score.sum / score.count;
  const share = (mean - task.anchors.random) / (task.anchors.perfect - task.anchors.random);
  const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return el("div.score", { "data-count": score.count },
    el("dl", {}, fact("Played", String(score.count)), fact("Mean reward", short(mean)),
      fact("Best", short(score.best)), fact("In a row", String(score.streak))),
    scale(share));
}

function scale(share) {
  const place = (value) => 10 + 280 * (Math.min(1.15, Math.max(-0.25, value)) + 0.25) / 1.4;
  const mark = (value, text) => el("g", {},
    el("line.tick", { x1: place(value), x2: place(value), y1: 4, y2: 22 }),
    el("text", { x: place(value), y: 38, "text-anchor": "middle" }, text));
  const label = `You: ${share.toFixed(2)}, where a random player is 0 and the expert 1`;
  return el("svg.scale", { viewBox: "0 0 300 46", preserveAspectRatio: "xMinYMid", role: "img", "aria-label": label },
    el("rect.track", { x: 10, y: 8, width: 280, height: 10, rx: 5 }),
    el("rect.fill", { x: 10, y: 8, width: Math.max(6, place(share) - 10), height: 10, rx: 5 }),
    mark(0, "random"), mark(1, "expert"));
}
