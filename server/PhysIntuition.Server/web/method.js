import { ask, boardHref, boardName, KINDS, scoreColumns, seasonLine, usageColumns } from "./lib/board.js";
import { reliability, scaleOf, transferTable } from "./lib/charts.js";
import { byId, el, fault, fixed, many, short } from "./lib/dom.js";
import { sortable } from "./lib/table.js";

const query = new URLSearchParams(location.search);
const anchors = new Map();

try {
  const kind = query.get("kind") ?? "agent";
  const [detail, { boards }] = await Promise.all([
    ask(`/methods/${encodeURIComponent(query.get("method") ?? "")}`, { kind }), ask("/boards")]);
  for (const board of boards) anchors.set(boardName(board), board);
  document.title = `${detail.method} | PhysIntuition`;
  show(detail);
} catch (error) {
  byId("method").replaceChildren(fault(error));
}

function show(detail) {
  const calibrated = detail.rows.filter((row) => row.calibration?.bins.length > 0);
  const parts = [
    el("p", {}, el("a", { href: "/leaderboard" }, "← Leaderboard")),
    el("header", {}, el("h1", {}, detail.method),
      el("p.soft", {}, `${KINDS[detail.kind] ?? detail.kind}. `, ...seasonLine(detail.season))),
    section("By task", rowsTable(detail.rows)),
    detail.axes.length > 0 ? section("When the scenes shift", axesTable(detail.axes)) : null,
    detail.transfer?.trainedOn.length > 0 ? section("Transfer", transferTable(detail.transfer)) : null,
    calibrated.length > 0 ? section("Does it know when it is right?", el("div.row", {}, ...calibrated.map(
      (row) => el("div", {}, el("h3", {}, boardName(row)), reliability(row.calibration))))) : null,
    attempts(detail.rows), gallery(detail.rows), provenance(detail.rows),
  ];
  byId("method").replaceChildren(...parts.filter(Boolean));
}

function section(title, ...content) {
  const id = title.toLowerCase().replace(/\W+/g, "-");
  return el("section.card", { "aria-labelledby": id }, el("h2", { id }, title), ...content);
}

function rowsTable(rows) {
  return sortable("Scores by task", [
    { title: "Task", value: boardName, cell: (row) => el("a", { href: boardHref(row) }, boardName(row)) },
    ...scoreColumns((row) => scaleOf([row], anchors.get(boardName(row)) ?? { random: 0, expert: 1 })),
    ...usageColumns,
    { title: "Trained on", value: (row) => row.trainedOn, has: (row) => row.trainedOn, cell: (row) => row.trainedOn || "–" },
  ], rows, "Normalised");
}

// Two marks for each shift: on the usual scenes, and on the shifted ones.
function axesTable(axes) {
  const place = (value) => 6 + 188 * Math.min(1.2, Math.max(-0.3, value) + 0.3) / 1.5;
  return sortable("Normalised score on shifted scenes", [
    { title: "Axis", value: (one) => one.axis, cell: (one) => one.axis },
    { title: "Suite", value: boardName, cell: (one) => el("a", { href: boardHref(one) }, boardName(one)) },
    { title: "Usual → shifted", cell: (one) => el("svg.interval", {
      viewBox: "0 0 200 22", role: "img", "aria-label": `from ${fixed(one.normalisedUsual)} to ${fixed(one.normalised)}`,
    }, el("line.axis", { x1: 6, x2: 194, y1: 11, y2: 11 }), el("line.bar", { x1: place(one.normalisedUsual), x2: place(one.normalised), y1: 11, y2: 11 }),
    el("circle", { cx: place(one.normalisedUsual), cy: 11, r: 4, fill: "var(--soft)" }), el("circle.dot", { cx: place(one.normalised), cy: 11, r: 5 })) },
    { title: "Change", value: (one) => one.normalised - one.normalisedUsual, isNumber: true,
      cell: (one) => fixed(one.normalised - one.normalisedUsual) },
  ], axes, "Change");
}

function attempts(rows) {
  const repeated = rows.filter((row) => row.attemptMeans.length > 1 || row.byAnswers.length > 1);
  if (repeated.length === 0) return null;
  return section("Trying again", el("ul", {}, ...repeated.map((row) => el("li", {}, el("strong", {}, boardName(row)), ": ", [
    row.attemptMeans.length > 1 ? `runs ${row.attemptMeans.map(short).join(", ")}` : "",
    row.byAnswers.length > 1 ? row.byAnswers.map((one) => `${many(one.answers, "answer")} ${short(one.mean)}`).join(", ") : "",
  ].filter(Boolean).join("; ")))));
}

function gallery(rows) {
  const runs = rows.filter((row) => row.run);
  if (runs.length === 0) return null;
  const list = el("ul.gallery");
  const select = el("select", { onchange: fill }, ...runs.map((row) => el("option", { value: row.run }, boardName(row))));
  const whole = section("Where it fails", el("label", { style: { maxWidth: "320px", marginBottom: "14px" } }, "Task", select), list);

  async function fill() {
    try {
      const { failures } = await ask(`/results/${encodeURIComponent(select.value)}/failures`, { limit: 12 });
      list.replaceChildren(...failures.map((one) => el("li", {}, el("figure", {},
        el("img", { src: `data:image/png;base64,${one.picture}`, alt: one.prompt.split("\n")[0], width: 224, height: 224 }),
        el("figcaption", {}, el("strong", {}, `Reward ${short(one.reward)}`), spoken(one.answers.at(-1)))))));
      if (failures.length === 0) list.replaceChildren(el("li", {}, "It has made no mistakes on its own scenes."));
    } catch (error) {
      list.replaceChildren(el("li", {}, fault(error)));
    }
  }

  fill();
  return whole;
}

// What stands between the last answer tags, else the end of the text.
function spoken(text) {
  if (!text) return "no answer";
  const inner = [...text.matchAll(/<answer>([^<]*)<\/answer>/gi)].at(-1)?.[1];
  return inner === undefined ? `unreadable: ${text.slice(-40)}` : `answered ${inner.trim().slice(0, 40)}`;
}

function provenance(rows) {
  const one = rows.find((row) => row.run);
  if (!one) return null;
  const facts = { ...parse(one.provenanceJson), ...parse(one.settingsJson) };
  const date = new Date(Number(one.closedUnixMs)).toISOString().slice(0, 10);
  return section("Provenance", el("dl.facts", {}, ...Object.entries({ date, ...facts }).map(([name, value]) => el("div", {},
    el("dt", {}, name), el("dd.hash", {}, typeof value === "string" ? value : JSON.stringify(value))))),
  one.command ? el("p", {}, "Command: ", el("code", {}, one.command)) : null,
  el("h3", {}, "Signed results"),
  el("div.row", {}, ...rows.filter((row) => row.run).map((row) => el("a.badge", {
    href: `/api/leaderboard/results/${row.run}`, download: `${row.method}-${row.task}.json` }, boardName(row)))));
}

function parse(json) {
  try {
    return JSON.parse(json || "{}");
  } catch {
    return {};
  }
}
