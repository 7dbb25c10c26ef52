// Small drawings of numbers: intervals, heat, bars, reliability. Each says its numbers in words, too.

import { el, fixed, many, short } from "./dom.js";

/** A mean with its 95 % interval on a common scale; the dashed line is what random answers get. */
export function interval(row, { min, max, chance }) {
  const place = (value) => 6 + 188 * Math.min(1, Math.max(0, (value - min) / (max - min || 1)));
  const label = row.count > 0 ? `${short(row.mean)}, between ${short(row.low)} and ${short(row.high)}` : short(row.mean);
  return el("svg.interval", { viewBox: "0 0 200 22", role: "img", "aria-label": label },
    el("line.axis", { x1: 6, x2: 194, y1: 11, y2: 11 }),
    el("line.chance", { x1: place(chance), x2: place(chance), y1: 1, y2: 21 }),
    el("line.bar", { x1: place(row.low), x2: place(row.high), y1: 11, y2: 11 }),
    el("circle.dot", { cx: place(row.mean), cy: 11, r: 5 }));
}

/** The scale that a board's intervals share. */
export function scaleOf(rows, { random, expert }) {
  const values = [random, expert, ...rows.flatMap((row) => [row.low, row.high, row.mean])];
  return { min: Math.min(...values), max: Math.max(...values), chance: random };
}

/** A cell whose colour is a normalised score: paper at 0, blue at 1, red below 0. */
export function heatCell(value, title, href) {
  if (value === null || value === undefined) return el("td.soft", {}, "·");
  const share = Math.min(50, Math.round(Math.abs(value) * 50));
  const colour = value < 0 ? "var(--red)" : "var(--blue)";
  const text = fixed(value);
  return el("td", { title, style: { background: `color-mix(in srgb, ${colour} ${share}%, var(--card))` } },
    href ? el("a", { href }, text) : text);
}

/** Stated confidence against accuracy. */
export function reliability(calibration) {
  const place = ({ confidence, accuracy }) => [20 + 170 * confidence, 190 - 170 * accuracy];
  const dots = calibration.bins.map((bin) => {
    const [cx, cy] = place(bin);
    return el("circle", { cx, cy, r: 3 + Math.min(7, Math.sqrt(bin.count) / 2), fill: "var(--blue)", "fill-opacity": 0.75 });
  });
  return el("figure", { style: { margin: 0, width: "170px" } },
    el("svg.plot", { viewBox: "0 0 200 212", role: "img", "aria-label": "Accuracy by stated confidence" },
      el("rect", { x: 20, y: 20, width: 170, height: 170, fill: "var(--sunk)", rx: 6 }),
      el("line", { x1: 20, y1: 190, x2: 190, y2: 20, stroke: "var(--soft)", "stroke-dasharray": "4 4" }), ...dots,
      el("text", { x: 105, y: 208, "text-anchor": "middle" }, "confidence"), el("text", { x: 20, y: 13 }, "accuracy")),
    el("figcaption.soft.small", {}, `Calibration error ${short(calibration.expectedError)}, Brier ${short(calibration.brier)}`));
}

/** Trained on (rows) against evaluated on (columns). */
export function transferTable(matrix) {
  const width = matrix.evaluatedOn.length;
  return el("div.scroll", { tabindex: 0, role: "region", "aria-label": "Transfer matrix" }, el("table.heat", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Trained on"), ...matrix.evaluatedOn.map(
      (name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...matrix.trainedOn.map((task, row) => el("tr", {},
      el("th", { scope: "row" }, task || "unknown"), ...matrix.evaluatedOn.map((_, column) => {
        const cell = matrix.cells[row * width + column];
        return heatCell(cell.runs > 0 ? cell.normalised : null, `mean ${short(cell.mean)}, ${many(cell.count, "scene")}, ${many(cell.runs, "run")}`);
      }))))));
}
