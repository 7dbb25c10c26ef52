// Carries out a recorded conversation; ../../conformance/README.md has the format. Runs in Node and in browsers.
import { Code, PhysIntuitionError } from "../src/index.js";
import type { Client, Environment, Observation, Observations, Observe } from "../src/index.js";

/** A step, as the conversation's file has it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Told = any;
type Json = Record<string, unknown>;

const EDGE = 64; // pixels
const LONGEST_HEX = 32; // bytes
const LONGEST_MESSAGE = 64; // characters
const AUTORESET = { next_step: "nextStep", same_step: "sameStep", disabled: "disabled" } as const;
const TYPES: Record<string, string> = {
  Uint8Array: "uint8", Int32Array: "int32", BigInt64Array: "int64", BigUint64Array: "uint64",
  Float32Array: "float32", Float64Array: "float64",
};

/** One session and what it has named. A method for each kind of step. */
export class Conversation {
  private readonly environments = new Map<string, { environment: Environment; observe: Observe }>();
  private readonly snapshots = new Map<string, Uint8Array>();

  constructor(
    private readonly client: Client,
    private readonly breakConnections: (when: string) => Promise<void>,
  ) {}

  /** The line that a step gives. */
  async carryOut(step: Told): Promise<string> {
    const method = (this as unknown as Record<string, (step: Told) => Promise<Json>>)[step.do as string]!;
    let result: Json;
    try {
      result = await method.call(this, step);
    } catch (failure) {
      if (!(failure instanceof PhysIntuitionError)) {
        throw failure;
      }

      const message = [...failure.message].slice(0, LONGEST_MESSAGE).join("");
      result = { error: { code: failure.code, field: failure.field, message, reason: failure.reason } };
    }

    return JSON.stringify(sorted({ do: step.do, ...result }));
  }

  async task(step: Told): Promise<Json> {
    const task = await this.client.task(step.task);
    return { id: task.id, max_steps: task.maxSteps, title: task.title };
  }

  async create(step: Told): Promise<Json> {
    const observe = observing(step, {});
    const environment = await this.client.make(step.task, {
      ...observe,
      ...given(step, { slots: "slots", split: "split", options: "options", slot_options: "slotOptions", outcome: "outcome" }),
      autoreset: AUTORESET[(step.autoreset ?? "disabled") as keyof typeof AUTORESET],
    });
    return this.keep(step, environment, observe);
  }

  async reset(step: Told): Promise<Json> {
    const observations = await this.in(step).environment.reset({
      ...given(step, { observe: "observe", options: "options" }),
      ...(step.seed === undefined ? {} : { seed: BigInt(step.seed) }),
      ...(step.seeds === undefined ? {} : { seeds: step.seeds.map(BigInt) }),
      ...masked(step),
    });
    return { observations: await all(observations) };
  }

  async step(step: Told, signal?: AbortSignal): Promise<Json> {
    const result = await this.in(step).environment.step(actions(step), {
      ...given(step, { observe: "observe" }), ...masked(step), ...(signal === undefined ? {} : { signal }),
    });
    const flags = (values: readonly boolean[]) => bytes(Uint8Array.from(values, Number));
    return {
      rewards: await bytes(result.rewards),
      terminated: await flags(result.terminated),
      truncated: await flags(result.truncated),
      started: await flags(result.started),
      observations: await all(result.observations),
      final: await all(result.finalObservations),
    };
  }

  async pipeline(step: Told): Promise<Json> {
    return { replies: await Promise.all(step.steps.map((part: Told) => this.step({ ...part, in: step.in }))) };
  }

  async cancel(step: Told): Promise<Json> {
    const leaving = new AbortController();
    const call = this.step(step, leaving.signal);
    leaving.abort();
    await call.catch(() => undefined);
    return {};
  }

  async render(step: Told): Promise<Json> {
    const { environment, observe } = this.in(step);
    const drawn = await environment.render({
      ...observing(step, observe), observe: step.observe ?? ["rgb"], slots: step.slots ?? [],
    });
    return { observations: await all(drawn) };
  }

  async snapshot(step: Told): Promise<Json> {
    this.snapshots.set(step.as, await this.in(step).environment.snapshot(step.slots ?? []));
    return {};
  }

  async restore(step: Told): Promise<Json> {
    const observations = await this.in(step).environment.restore(
      this.snapshots.get(step.from)!, { ...given(step, { sources: "sources" }), ...masked(step) });
    return { observations: await all(observations) };
  }

  async fork(step: Told): Promise<Json> {
    const { environment, observe } = this.in(step);
    return this.keep(step, await environment.fork(step.slots ?? []), observe);
  }

  async close(step: Told): Promise<Json> {
    await this.in(step).environment.close();
    return {};
  }

  async score(step: Told): Promise<Json> {
    const seeds = repeated(step.seeds as string[], step.times);
    const score = await this.client.score(
      step.task, seeds.map(BigInt), actions(step), given(step, {
        split: "split", options: "options", observe: "observe", turns: "turns",
      }));
    return { rewards: await bytes(score.rewards), observations: await all(score.observations) };
  }

  async dataset(step: Told): Promise<Json> {
    const wanted = step.stop_after ?? Infinity;
    const seeds: string[] = [];
    const columns: Record<string, Observation[]> = {};
    for await (const chunk of this.client.dataset(step.task, {
      ...observing(step, { encoding: "png" }), ...given(step, { split: "split", options: "options" }),
      firstSeed: BigInt(step.first_seed), count: step.count,
    })) {
      const rows = Math.min(chunk.seeds.length, wanted - seeds.length);
      seeds.push(...chunk.seeds.slice(0, rows).map(String));
      for (const [name, column] of chunk.columns) {
        (columns[name] ??= []).push(head(column, rows));
      }

      if (seeds.length === wanted) {
        break;
      }
    }

    const joint = Object.entries(columns).map(([name, chunks]) => one(name, joined(chunks)));
    return { seeds, columns: await Promise.all(joint) };
  }

  async cut(step: Told): Promise<Json> {
    await this.breakConnections(step.when ?? "now");
    return {};
  }

  private in(step: Told) {
    return this.environments.get(step.in)!;
  }

  private keep(step: Told, environment: Environment, observe: Observe): Json {
    this.environments.set(step.as, { environment, observe });
    return { slots: environment.slots };
  }
}

// The members of a step that are there, under the client's names.
function given(step: Told, names: Record<string, string>): Record<string, never> {
  const there = Object.entries(names).filter(([theirs]) => step[theirs] !== undefined);
  return Object.fromEntries(there.map(([theirs, ours]) => [ours, step[theirs] as never]));
}

function observing(step: Told, like: Observe): Observe {
  return {
    observe: step.observe ?? [],
    width: step.width ?? like.width ?? EDGE,
    height: step.height ?? like.height ?? EDGE,
    encoding: step.encoding ?? like.encoding ?? "raw",
    history: step.history ?? like.history ?? "new",
  };
}

function masked(step: Told): { mask?: boolean[] } {
  return step.mask === undefined ? {} : { mask: (step.mask as number[]).map(Boolean) };
}

function repeated<T>(values: readonly T[], times = 1): T[] {
  return Array.from({ length: times }, () => values).flat();
}

function actions(step: Told): string[] | Float32Array {
  if (step.texts !== undefined) {
    return repeated(step.texts as string[], step.times);
  }

  const rows = repeated(step.numbers as (number | null)[][], step.times);
  return Float32Array.from(rows.flat(), (value) => value ?? NaN);
}

function head(column: Observation, rows: number): Observation {
  switch (column.kind) {
    case "tensor": {
      const [all, ...rest] = column.shape;
      return { kind: "tensor", shape: [rows, ...rest], data: column.data.slice(0, (column.data.length / all!) * rows) };
    }
    case "pictures":
      return { kind: "pictures", files: column.files.slice(0, rows) };
    case "texts":
      return { kind: "texts", texts: column.texts.slice(0, rows) };
  }
}

function joined(chunks: Observation[]): Observation {
  const first = chunks[0]!;
  if (first.kind === "tensor") {
    const tensors = chunks.filter((chunk) => chunk.kind === "tensor");
    const data = concatenated(tensors.map((chunk) => raw(chunk.data)));
    const rows = tensors.reduce((sum, chunk) => sum + chunk.shape[0]!, 0);
    const array = first.data.constructor as typeof Uint8Array;
    return { kind: "tensor", shape: [rows, ...first.shape.slice(1)], data: new array(data.buffer as ArrayBuffer) };
  }

  return first.kind === "pictures"
    ? { kind: "pictures", files: chunks.flatMap((chunk) => (chunk.kind === "pictures" ? chunk.files : [])) }
    : { kind: "texts", texts: chunks.flatMap((chunk) => (chunk.kind === "texts" ? chunk.texts : [])) };
}

function all(observations: Observations): Promise<Json[]> {
  return Promise.all([...observations].map(([name, value]) => one(name, value)));
}

async function one(name: string, value: Observation): Promise<Json> {
  switch (value.kind) {
    case "tensor":
      return { data: await bytes(value.data), name, shape: value.shape, type: TYPES[value.data.constructor.name] };
    case "pictures":
      return { data: await digest(concatenated(value.files)), files: value.files.length, name };
    case "texts": {
      const joint = value.texts.map((text) => `${text}\0`).join("");
      return { data: await digest(new TextEncoder().encode(joint)), name, texts: value.texts.length };
    }
  }
}

async function bytes(data: ArrayBufferView): Promise<string> {
  const all = raw(data);
  return all.length <= LONGEST_HEX ? hex(all) : digest(all);
}

async function digest(data: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", data as BufferSource);
  return `sha256:${hex(new Uint8Array(hash)).slice(0, 32)}`;
}

function raw(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }

  return whole;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }

  return value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]))
    : value;
}

/** All lines of one conversation. */
export async function* transcript(
  name: string, steps: readonly Told[], client: Client, breakConnections: (when: string) => Promise<void>,
): AsyncGenerator<string> {
  yield JSON.stringify({ conversation: name });
  const conversation = new Conversation(client, breakConnections);
  for (const step of steps) {
    yield await conversation.carryOut(step);
  }
}

export { Code };
