// Elements from words. Text is only ever set as text, so nothing that a server or a user says can become markup.

const svgNames = new Set(["svg", "g", "line", "circle", "rect", "path", "polygon", "polyline", "text", "title"]);

/**
 * Makes an element.
 * @param {string} name Tag, optionally with classes: "button.main".
 * @param {object} properties Attributes; on* are listeners; style is an object; absent and false ones are left out.
 * @param {...(Node|string|null)} children Text is escaped by being text.
 */
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = svgNames.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  if (classes.length > 0) node.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(node.style, value);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The element of an id. */
export const byId = (id) => document.getElementById(id);

/** Whether the visitor asked for less motion. */
export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A hyphen before a number is read as a dash by some and as nothing by others.
const minus = (text) => text.replace(/^-(?=.*[1-9])/, "−").replace(/^-/, "");

/** A number for people: two or three significant digits, large ones in thousands and millions. */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return minus((value / 1e6).toPrecision(3)) + " M";
  if (size >= 1e4) return minus((value / 1e3).toPrecision(3)) + " k";
  if (size >= 100 || Number.isInteger(value)) return minus(value.toFixed(0));
  return minus(value.toPrecision(size < 1 ? 2 : 3));
}

/** A number of a column: two decimals, so that points stand below one another. */
export const fixed = (value) => (Number.isFinite(value) ? minus(value.toFixed(2)) : "–");

/** "1 scene", "2 scenes". */
export const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A message where something went wrong. */
export const fault = (error) => el("p.fault", { role: "alert" }, error.message);
