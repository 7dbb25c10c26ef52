// Tables whose columns sort by their heads.

import { el } from "./dom.js";

/**
 * A sortable table.
 * @param {string} caption For those who hear it.
 * @param {{title: string, value?: Function, cell: Function, has?: Function, isNumber?: boolean,
 *   isDescending?: boolean}[]} all Columns: value(row) sorts; cell(row) shows; one whose has(row) no row fulfils is
 *   left out.
 * @param {object[]} rows
 * @param {string} first Title of the column that sorts at first.
 */
export function sortable(caption, all, rows, first) {
  const columns = all.filter((column) => !column.has || rows.some(column.has));
  let by = columns.findIndex((column) => column.title === first);
  let isDescending = columns[by].isDescending ?? false;
  const body = el("tbody");
  const heads = columns.map((column, i) => {
    const name = column.isNumber ? "th.number" : "th";
    if (!column.value) return el(name, { scope: "col" }, column.title);
    return el(name, { scope: "col" }, el("button", { type: "button", onclick: () => sort(i) }, column.title,
      el("span", { "aria-hidden": "true" })));
  });

  function sort(i) {
    isDescending = i === by ? !isDescending : columns[i].isDescending ?? false;
    by = i;
    draw();
  }

  function draw() {
    const sign = isDescending ? -1 : 1;
    const value = columns[by].value;
    const sorted = [...rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return sign * (typeof x === "string" ? x.localeCompare(y) : (x ?? -Infinity) - (y ?? -Infinity));
    });
    heads.forEach((head, i) => {
      head.removeAttribute("aria-sort");
      if (i === by) head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
      const arrow = head.querySelector("span");
      if (arrow) arrow.textContent = i !== by ? "" : isDescending ? "↓" : "↑";
    });
    body.replaceChildren(...sorted.map((row, i) => el("tr", {}, ...columns.map((column) => {
      const cell = column.cell(row, i);
      if (cell instanceof HTMLTableCellElement) return cell;
      return el(column.isNumber ? "td.number" : "td", {}, cell);
    }))));
  }

  draw();
  return el("div.scroll", { tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("caption.visually-hidden", {}, caption), el("thead", {}, el("tr", {}, ...heads)), body));
}
