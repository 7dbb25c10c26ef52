// What the leaderboard's pages share.

import { get } from "./api.js";
import { el, short } from "./dom.js";

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

/** A method's name and what kind of player it is. */
export const methodCell = (row) => el("div", { style: { minWidth: "9.5rem" } },
  row.kind === "published" ? el("strong", {}, row.method) : el("a", { href: methodHref(row) }, el("strong", {}, row.method)),
  " ", el(row.kind === "human" ? "span.badge.person" : "span.badge", {}, row.kind === "human" ? "people" : row.kind));

/** The season, and the promise that its scenes were fixed beforehand. */
export function seasonLine(season) {
  return `${season.id}, ${season.isOpen ? "open" : "closed: its secret is revealed and every score can be replayed"}. `
    + "Scenes were fixed beforehand by the commitment ";
}

/** A p value, or why there is none. */
export const chance = (row) => (row.versusBest ? short(row.pValue) : "–");
