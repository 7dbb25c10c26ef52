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

const number = (title, value) => ({ title, value, isNumber: true, isDescending: true });
