// Gives the expert's answer the way a person would: by buttons, by dragging, by exchanging tiles.

import { PictureCamera } from "../../../server/PhysIntuition.Server/web/lib/camera.js";

export async function answerByHand(page, task, scene) {
  const [axis] = task.answer;
  if (task.id.startsWith("SslJigsaw")) return exchangeTiles(page, scene.expert);
  if (axis.choices) {
    await page.click(`.panel [data-answer='${axis.choices[scene.expert[0]]}']`);
    if (task.id.startsWith("SslRotation")) await page.click("[data-send]");
    return undefined;
  }
  if (axis.fields) return build(page, task, scene.expert);
  if (axis.input === "number") {
    for (const [i, { name }] of task.answer.entries()) await page.fill(`[data-axis=${name}]`, String(scene.expert[i]));
    return page.click("[data-send]");
  }
  if (scene.aim.blocks.length > 0) return aim(page, scene);
  return drag(page, task, scene);
}

// Adds rows from the lowest up, then chooses words and types numbers.
async function build(page, task, expert) {
  for (let row = 2; row < expert[0]; row++) await page.click("[data-more]");
  if (expert[0] < 2) await page.click("[data-less]");
  const shown = task.answer.slice(1, 1 + expert[0] * task.answer[0].fields.length);
  for (const [i, { name, choices }] of shown.entries()) {
    const value = String(expert[i + 1]);
    await (choices ? page.selectOption(`[data-axis=${name}]`, value) : page.fill(`[data-axis=${name}]`, value));
  }
  return page.click("[data-send]");
}

// Drags the block from where it is to a little above its place: pixels are coarser than centimetres.
async function drag(page, task, { aim, expert }) {
  const camera = new PictureCamera(aim.camera);
  const front = ([x, y, z]) => camera.project([x, y, z + aim.halfExtents[2]]);
  const begin = task.id.startsWith("Balance") ? [100, 0] : [0, 0];
  const end = task.answer.length === 2 ? [expert[0], expert[1] + 8] : [expert[0], 0];
  const [from, to] = [begin, end].map(([x, y]) => front([aim.origin[0] + x / 100, aim.origin[1] + y / 100, aim.origin[2]]));
  const box = await page.locator(".frame").boundingBox();
  await page.mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 4 });
  await page.mouse.up();
  await page.click("[data-send]");
}

// Drags the arrow's tip near the right place, then types what no hand can hit.
async function aim(page, { aim, expert }) {
  const camera = new PictureCamera(aim.camera);
  const [block, angle, impulse] = expert;
  const { position } = aim.blocks[block - 1];
  const length = impulse / (3 * aim.mass);
  const turn = angle * Math.PI / 180;
  const tip = camera.project([position[0] + length * Math.cos(turn), position[1], position[2] - length * Math.sin(turn)]);
  const middle = camera.project(position);
  const box = await page.locator(".frame").boundingBox();
  await page.mouse.move(box.x + middle[0] * box.width, box.y + middle[1] * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + tip[0] * box.width, box.y + tip[1] * box.height, { steps: 4 });
  await page.mouse.up();
  const drawn = Number(await page.inputValue("[data-axis=impulse]"));
  if (Math.abs(drawn - impulse) > 0.15 * impulse) throw new Error(`The arrow says ${drawn} N s instead of ${impulse}.`);
  await page.fill("[data-axis=angle]", String(angle));
  await page.fill("[data-axis=impulse]", String(impulse));
  await page.click("[data-send]");
}

// Puts into each place the tile that belongs there; numbers[tile] is where the tile now at that place came from.
async function exchangeTiles(page, numbers) {
  const tileAt = [0, 1, 2, 3];
  for (let place = 0; place < 4; place++) {
    const from = tileAt.indexOf(numbers.indexOf(place + 1));
    if (from === place) continue;
    await page.click(`.tiles button:nth-child(${from + 1})`);
    await page.click(`.tiles button:nth-child(${place + 1})`);
    [tileAt[place], tileAt[from]] = [tileAt[from], tileAt[place]];
  }
  await page.click("[data-send]");
}
