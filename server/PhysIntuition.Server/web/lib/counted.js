// A run on held-out scenes that counts as a person's. Kept in this browser, so that a reload goes on where it was.

import { get } from "./api.js";

const key = (task) => `physintuition.run.${task.id}`;

export class CountedRun {
  constructor(task, { run, token, count }) {
    this.task = task;
    this.path = `/api/play/runs/${encodeURIComponent(run)}`;
    this.token = token;
    this.count = count;
  }

  /** Opens a run of so many scenes. */
  static async open(task, count) {
    const run = await post("/api/play/runs", { task: task.id, count });
    try {
      localStorage.setItem(key(task), JSON.stringify(run));
    } catch {
      // Then it ends with the page.
    }
    return new CountedRun(task, run);
  }

  /** The run that an earlier visit left open; null: none. */
  static kept(task) {
    try {
      const run = JSON.parse(localStorage.getItem(key(task)));
      return run ? new CountedRun(task, run) : null;
    } catch {
      return null;
    }
  }

  static forget(task) {
    try {
      localStorage.removeItem(key(task));
    } catch {
      // Nothing was kept.
    }
  }

  /** The next scene, in the shape that inputs take. */
  async next() {
    const next = await post(`${this.path}/next`, {}, this.token);
    return next.done ? next : {
      ...next, question: next.prompt.split("\nThink")[0], picture: `data:image/png;base64,${next.picture}`, bodies: [],
    };
  }

  /** Answers a scene; final once it returns. */
  answer({ scene, step }, numbers) {
    const words = numbers.map((number, i) => this.task.answer[i].choices?.[number] ?? String(number));
    const text = `<answer>${words.length > 1 ? `(${words.join(", ")})` : words[0]}</answer>`;
    return post(`${this.path}/answers`, { scene, step, text }, this.token);
  }

  /** Scores it, once. */
  async close() {
    const score = await post(`${this.path}/close`, {}, this.token);
    CountedRun.forget(this.task);
    return score;
  }
}

const post = (path, body, token) => get(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", ...(token ? { "physintuition-run-token": token } : {}) },
  body: JSON.stringify(body),
});
