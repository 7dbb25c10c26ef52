// What the leaderboard's pages share.

import { get } from "./api.js";
import { interval } from "./charts.js";
import { el, fixed, short } from "./dom.js";

const ROOT = "/api/leaderboard";
export const KINDS = { agent: "Models", human: "People", baseline: "Baselines", published: "Published" };

/** Asks the leaderboard. */
export async function ask(path, query = {}) {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value));
  return get(`${ROOT}${path}?${new URLSearchParams(given)}`);
}

/** "Stability-v1", or with a suite "Stability-v1/tall-v1". */
export const boardName = ({ task, suite }) => (suite ? `${task}/${suite}` : task);

/** The page of a board. */
export const boardHref = ({ task, suite }) => `/leaderboard?${new URLSearchParams(suite ? { task, suite } : { task })}`;

/** The page of a method. */
export const methodHref = ({ method, kind }) => `/method?${new URLSearchParams({ method, kind })}`;

/** A method's name and what kind of player it is; of a name that is nobody's, which run. */
export const methodCell = (row) => el("div", { style: { minWidth: "6.5rem" } },
  row.kind === "published" ? el("strong", {}, row.method) : el("a", { href: methodHref(row) }, el("strong", {}, row.method)),
  " ", el(row.kind === "human" ? "span.badge.person" : "span.badge", {}, row.kind === "human" ? "people" : row.kind),
  row.isVerified === false ? el("span.soft.small", { title: "Anybody may have chosen this name: the run was opened without key and token." },
    ` unverified, run ${(row.run ?? "").slice(0, 8)}`) : null);

/** The season, and the promise that its scenes were fixed beforehand: parts of a sentence. */
export function seasonLine({ id, isOpen, commitment }) {
  return [
    `${id.replace(/^season-(?=\d+$)/, "Season ")} ${isOpen ? "is open" : "is over: every score can be replayed"}. `
      + "Its scenes were fixed beforehand: SHA-256 ",
    el("a", { href: "/api/leaderboard/seasons", title: commitment }, el("code", {}, `${commitment.slice(0, 12)}…`)),
  ];
}

const number = (title, value) => ({ title, value, isNumber: true, isDescending: true });

/** Columns that both tables of scores have. */
export const scoreColumns = (scaleOf) => [
  { ...number("Mean", (row) => row.mean), cell: (row) => fixed(row.mean) },
  { title: "95 % interval", cell: (row) => interval(row, scaleOf(row)) },
  { ...number("Normalised", (row) => row.normalised), cell: (row) => fixed(row.normalised) },
  { ...number("Scenes", (row) => row.count), cell: (row) => (row.count > 0 ? String(row.count) : "–") },
  {
    ...number("p, vs. best", (row) => row.pValue), isDescending: false, has: (row) => row.versusBest,
    cell: (row) => (row.versusBest ? short(row.pValue) : "–"),
  },
];

const OUTCOMES = [
  ["right", "right", "var(--good)"], ["wrong", "wrong", "var(--yellow)"], ["unreadable", "unreadable", "var(--bad)"],
  ["cutOff", "cut off or empty", "var(--soft)"], ["undelivered", "never delivered", "var(--line)"],
];

const usageOf = (row) => {
  try {
    return JSON.parse(row.settingsJson || "{}").usage ?? {};
  } catch {
    return {};
  }
};

/** Columns of runs of models that say what they took: the dated id, tokens, dollars, day. */
export const usageColumns = [
  {
    title: "Outcomes", has: (row) => row.outcomes, value: (row) => (row.outcomes?.right ?? 0) / (row.count || 1), isDescending: true,
    cell: (row) => (row.outcomes ? outcomes(row.outcomes) : "–"),
  },
  { title: "Model id", value: (row) => usageOf(row).model ?? "", has: (row) => usageOf(row).model, cell: (row) => usageOf(row).model ?? "–" },
  {
    ...number("Tokens", (row) => tokensOf(row)), has: (row) => tokensOf(row) > 0,
    cell: (row) => el("span", { title: tokenWords(usageOf(row).tokens) }, short(tokensOf(row))),
  },
  {
    ...number("$ / 100 scenes", (row) => usageOf(row).dollars_per_100_scenes), has: (row) => Number.isFinite(usageOf(row).dollars_per_100_scenes),
    cell: (row) => short(usageOf(row).dollars_per_100_scenes),
  },
  { title: "Day", value: (row) => usageOf(row).day ?? "", has: (row) => usageOf(row).day, cell: (row) => usageOf(row).day ?? "–" },
];

const tokensOf = (row) => (usageOf(row).tokens?.input ?? 0) + (usageOf(row).tokens?.output ?? 0);

const tokenWords = (tokens) => tokens && ["input", "cached", "output", "reasoning"]
  .filter((name) => tokens[name] > 0).map((name) => `${short(tokens[name])} ${name}`).join(", ");

// A bar of five parts, and the same in words for those who hear it or point at it.
function outcomes(counts) {
  const all = OUTCOMES.reduce((sum, [name]) => sum + counts[name], 0) || 1;
  const words = OUTCOMES.map(([name, title]) => `${counts[name]} ${title}`).join(", ");
  let x = 0;
  const parts = OUTCOMES.map(([name, , color]) => {
    const width = 120 * counts[name] / all;
    const part = el("rect", { x, y: 4, width, height: 14, style: { fill: color } });
    x += width;
    return part;
  });
  return el("svg", { viewBox: "0 0 120 22", width: 120, height: 22, role: "img", "aria-label": words }, el("title", {}, words), ...parts);
}
