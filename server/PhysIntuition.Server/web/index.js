import { listTasks } from "./lib/api.js";
import { Game } from "./lib/game.js";
import { byId, fault } from "./lib/dom.js";

try {
  const task = (await listTasks()).find((one) => one.id === "Stability-v1");
  await new Game(byId("game"), task, { isNarrow: true }).next();
} catch (error) {
  byId("game").replaceChildren(fault(error));
}
