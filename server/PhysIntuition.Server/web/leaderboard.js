import { ask, boardHref, boardName, KINDS, methodCell, scoreColumns, seasonLine, usageColumns } from "./lib/board.js";
import { nameOf } from "./lib/api.js";
import { heatCell, scaleOf, transferTable } from "./lib/charts.js";
import { byId, el, fault, fixed, many, short } from "./lib/dom.js";
import { sortable } from "./lib/table.js";

const query = new URLSearchParams(location.search);
const shown = new Set(Object.keys(KINDS));
let words = "";

try {
  const { season, boards } = await ask("/boards");
  byId("season").append(" ", ...seasonLine(season));
  if (query.get("task")) await showBoard(boards);
  else await showOverview(boards);
} catch (error) {
  byId("board").replaceChildren(fault(error));
}

async function showOverview(boards) {
  const played = boards.filter((board) => board.rows > 0 && board.optionsJson.length <= 2);
  const standings = await Promise.all(played.map((board) => ask("/standings", { task: board.task, suite: board.suite })));
  const transfer = await ask("/transfer");
  const methods = collect(played, standings);
  const usual = played.filter((board) => !board.suite);
  const table = el("div");
  const redraw = () => table.replaceChildren(overviewTable(methods.filter(isShown), usual));
  redraw();
  byId("board").replaceChildren(
    el("section.card", { "aria-labelledby": "all" }, el("h2", { id: "all" }, "All tasks"),
      el("p.soft", {}, "0 is what random answers get, 1 what the expert gets. A number opens the task's own table."),
      filters(redraw), methods.length > 0 ? table : empty()),
    boardList(boards),
    el("section.card", { "aria-labelledby": "transfer" }, el("h2", { id: "transfer" }, "Transfer"),
      el("p.soft", {}, "Trained on one task, evaluated on another: where does intuition carry over?"),
      transfer.trainedOn.length > 0 ? transferTable(transfer) : el("p", {}, "No method has said yet what it was trained on.")));
}

// Methods with their normalised score on each board.
function collect(boards, standings) {
  const methods = new Map();
  boards.forEach((board, i) => {
    for (const row of standings[i].rows) {
      const key = `${row.kind} ${row.method} ${row.isVerified ? "" : row.run}`;
      if (!methods.has(key)) methods.set(key, { ...row, scores: new Map(), count: 0 });
      methods.get(key).scores.set(boardName(board), row);
      methods.get(key).count += row.count;
    }
  });
  for (const method of methods.values()) {
    const usual = [...method.scores].filter(([name]) => !name.includes("/")).map(([, row]) => row.normalised);
    method.tasks = usual.length;
    // A mean over a few tasks is not comparable to one over all of them.
    const isWhole = 2 * usual.length > boards.filter((board) => !board.suite).length;
    method.mean = isWhole ? usual.reduce((sum, value) => sum + value, 0) / usual.length : undefined;
  }
  return [...methods.values()];
}

function overviewTable(methods, boards) {
  const columns = [
    { title: "Method", value: (row) => row.method, cell: methodCell },
    { title: "Mean", value: (row) => row.mean, isNumber: true, isDescending: true, cell: (row) => el("strong", {}, fixed(row.mean)) },
    { title: "Tasks", value: (row) => row.tasks, isNumber: true, isDescending: true, cell: (row) => String(row.tasks) },
    ...boards.map((board) => ({
      title: nameOf(board.task), value: (row) => row.scores.get(board.task)?.normalised, isDescending: true, isNumber: true,
      cell: (row) => {
        const score = row.scores.get(board.task);
        return heatCell(score?.normalised, score && `mean ${short(score.mean)}, ${many(score.count, "scene")}`, boardHref(board));
      },
    })),
  ];
  const table = sortable("Normalised scores of all methods on all tasks", columns, methods, "Mean");
  table.querySelector("table").classList.add("heat", "upright");
  return table;
}

function boardList(boards) {
  const shownBoards = boards.filter((board) => board.rows > 0 || !board.suite);
  return el("section.card", { "aria-labelledby": "boards" }, el("h2", { id: "boards" }, "Tables"),
    el("ul.boards", {}, ...shownBoards.map((board) => el("li", {},
      el("a", { href: boardHref(board) }, el("strong", {}, boardName(board))), " ",
      el("span.badge", {}, many(board.rows, "row")), el("p.soft.small", {}, board.summary)))));
}

async function showBoard(boards) {
  const [task, suite] = [query.get("task"), query.get("suite") ?? ""];
  const { rows, board, season } = await ask("/standings", { task, suite });
  document.title = `${boardName(board)} | PhysIntuition`;
  const scale = scaleOf(rows, board);
  const table = el("div");
  const redraw = () => table.replaceChildren(standingsTable(rows.filter(isShown), scale, board));
  redraw();
  byId("board").replaceChildren(
    el("p", {}, el("a", { href: "/leaderboard" }, "← All tasks")),
    el("section.card", { "aria-labelledby": "name" },
      el("div.row", {}, el("h2.grow", { id: "name" }, boardName(board)),
        board.takesRuns && !board.suite ? el("a.button", { href: `/play?task=${task}` }, "Play it") : null),
      el("p.soft", {}, `${board.summary} Random answers get ${short(board.random)}, the expert ${short(board.expert)}.`),
      picker(boards, task, suite), filters(redraw), rows.length > 0 ? table : empty(),
      el("p.soft.small.note", {}, "Rows stand by the lower end of their interval; agents need 100 scenes for a rank."),
      season.isOpen && rows.length > 1 ? el("p.soft.small.note", {},
        "Paired tests between methods, on the scenes that all of them meet, appear when the season is over.") : null),
    board.takesRuns ? howToEnter(board) : null);
}

function howToEnter({ task, suite }) {
  const run = "./physintuition leaderboard";
  const lines = [
    `${run} open run.json --method NAME --task ${task}${suite ? ` --suite ${suite}` : ""} --server ${location.origin}`,
    `${run} resume run.json --scenes scenes          # pictures and prompts`,
    `${run} resume run.json --answers answers.jsonl  # {"scene": 0, "text": "<answer>...</answer>"} in each line`,
    `${run} close run.json                           # scored, once`,
  ];
  return el("section.card", { "aria-labelledby": "enter" }, el("h2", { id: "enter" }, "Enter a method"),
    el("p.soft", {}, "Answers are final, and the score comes at the end. Programs can do the same over gRPC or HTTP."),
    el("div.code", {}, el("pre", { tabindex: 0, "aria-label": "Commands" }, el("code", {}, lines.join("\n")))));
}

function standingsTable(rows, scale, board) {
  rows.forEach((row, i) => { row.place = i; });
  const table = sortable(`Standings of ${boardName(board)}`, [
    { title: "#", value: (row) => row.place, cell: (row) => (row.rank > 0 ? String(row.rank) : "–") },
    { title: "Method", value: (row) => row.method, cell: methodCell },
    ...scoreColumns(() => scale),
    ...usageColumns,
    {
      title: "Best of", value: (row) => row.bestOfAttempts, has: (row) => row.attempts > 1, isNumber: true, isDescending: true,
      cell: (row) => (row.attempts > 1 ? `${fixed(row.bestOfAttempts)} of ${row.attempts}` : "–"),
    },
    {
      title: "Calibration error", value: (row) => row.calibration?.expectedError, has: (row) => row.calibration, isNumber: true,
      cell: (row) => fixed(row.calibration?.expectedError),
    },
  ], rows, "#");
  table.querySelector("table").classList.add("ranks");
  return table;
}

function picker(boards, task, suite) {
  const input = el("select", {
    onchange: () => { location.href = boardHref(JSON.parse(input.value)); },
  }, ...boards.map((board) => el("option", {
    value: JSON.stringify({ task: board.task, suite: board.suite }), selected: board.task === task && board.suite === suite,
  }, `${boardName(board)}${board.rows > 0 ? ` (${board.rows})` : ""}`)));
  return el("label", {}, "Table", input);
}

function filters(redraw) {
  const buttons = Object.entries(KINDS).map(([kind, title]) => {
    const button = el("button", { type: "button", "aria-pressed": String(shown.has(kind)), onclick: () => {
      if (!shown.delete(kind)) shown.add(kind);
      button.setAttribute("aria-pressed", String(shown.has(kind)));
      redraw();
    } }, title);
    return button;
  });
  const search = el("input", { type: "text", placeholder: "Name", "aria-label": "Methods whose name contains", oninput: () => {
    words = search.value.toLowerCase();
    redraw();
  } });
  return el("div.row", { role: "group", "aria-label": "Show", style: { margin: "14px 0" } }, ...buttons, el("div.grow", {}, search));
}

function isShown(row) {
  return shown.has(row.kind) && row.method.toLowerCase().includes(words);
}

function empty() {
  return el("div.empty", {}, el("p", {}, "Nobody has played here yet."),
    el("p", {}, "Models and baselines come by ", el("code", {}, "./physintuition leaderboard"), "; people come by playing."),
    el("a.button.main", { href: "/play" }, "Play"));
}
