import { listTasks, nameOf } from "./lib/api.js";
import { byId, el, fault } from "./lib/dom.js";
import { Game } from "./lib/game.js";

try {
  const tasks = await listTasks();
  const query = new URLSearchParams(location.search);
  const task = tasks.find((one) => one.id === query.get("task")) ?? tasks[0];
  document.title = `${nameOf(task.id)} | PhysIntuition`;
  byId("tasks").append(...tasks.map((one) => el(
    "a", { href: `/play?task=${one.id}`, "aria-current": one === task && "page", title: one.summary },
    el("img", { alt: "", src: `/api/scenes/${one.id}/picture?seed=3&size=68&split=${one.splits[0]}`, loading: "lazy" }),
    nameOf(one.id))));
  showCurrent(byId("tasks"));
  const seed = query.get("seed");
  await new Game(byId("game"), task, {}).next(seed === null ? undefined : seed);
} catch (error) {
  byId("game").replaceChildren(fault(error));
}

// Not scrollIntoView: from there the browser would go on with the Tab key, past the link that skips to the content.
function showCurrent(bar) {
  const current = bar.querySelector("[aria-current]");
  const { left, width } = current.getBoundingClientRect();
  bar.scrollLeft += left + width / 2 - bar.getBoundingClientRect().left - bar.clientWidth / 2;
}
