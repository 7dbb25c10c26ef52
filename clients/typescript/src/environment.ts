import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import { toNumbers } from "./actions.js";
import type { Action } from "./actions.js";
import { PhysIntuitionError } from "./errors.js";
import { AutoresetMode, TerminalObservation } from "./gen/physintuition/v1/environment_pb.js";
import type {
  CreateRequestSchema, EnvironmentInfo, ResetReply, StepReply, StepRequestSchema, TaskInfo,
} from "./gen/physintuition/v1/environment_pb.js";
import type { Link } from "./link.js";
import { Observations, toRequest } from "./observations.js";
import type { Observe } from "./observations.js";
import { ATTEMPTS, checkOutcome, explained, isUnknown } from "./recovery.js";
import type { Change, History } from "./recovery.js";
import { toMask, toSeed, toSeeds, toTexts, toWhole, toWholes } from "./values.js";
import type { Seed } from "./values.js";

const AUTORESET = {
  nextStep: AutoresetMode.NEXT_STEP,
  sameStep: AutoresetMode.SAME_STEP,
  disabled: AutoresetMode.DISABLED,
} as const;

/** When a slot whose episode has ended starts its next one: Gymnasium's three modes. */
export type Autoreset = keyof typeof AUTORESET;

const OUTCOME = {
  settled: TerminalObservation.SETTLED,
  question: TerminalObservation.QUESTION,
} as const;

/** What is shown of an ended episode: the world after the answer, once it rests, or the question as it stood. */
export type Outcome = keyof typeof OUTCOME;

/** How an environment is opened. */
export interface EnvironmentSettings extends Observe {
  /** Episodes side by side; 1 unless told otherwise. */
  readonly slots?: number;
  /** "train", "val", "test", ...; "train" unless told otherwise. */
  readonly split?: string;
  /** The task's options; see its JSON Schema. */
  readonly options?: object;
  /** On top of `options`, one for each slot; null: none. */
  readonly slotOptions?: readonly (object | null)[];
  /** "disabled" unless told otherwise. */
  readonly autoreset?: Autoreset;
  /** "settled" unless told otherwise; "question" simulates nothing. */
  readonly outcome?: Outcome;
}

/** What every call takes. */
export interface Waiting {
  /** Stops the wait, not the work: the next call finds it done. */
  readonly signal?: AbortSignal;
}

/** Which episodes a reset starts. */
export interface ResetSettings extends Waiting {
  /** Slot i starts from this + i. Without any seed every slot goes on with its own stream of seeds. */
  readonly seed?: Seed;
  /** One for each row, instead of `seed`. */
  readonly seeds?: readonly Seed[];
  /** One for each slot: take part. Absent: all. */
  readonly mask?: readonly boolean[];
  /** From now on: one for all rows, or one for each. */
  readonly options?: readonly object[];
  /** For this reply only. */
  readonly observe?: readonly string[];
}

/** Which slots a step moves, and what it shows. */
export type StepSettings = Pick<ResetSettings, "mask" | "observe" | "signal">;

/** What a step gave: one row for each slot that took part, in slot order. */
export interface Step {
  readonly rewards: Float32Array;
  /** The task reached its own end. */
  readonly terminated: readonly boolean[];
  /** A limit outside the task ended the episode. */
  readonly truncated: readonly boolean[];
  /** The observations are the first of a new episode. */
  readonly started: readonly boolean[];
  readonly observations: Observations;
  /** Same-step autoreset: the ends of the episodes that ended in this step, in order. */
  readonly finalObservations: Observations;
}

/** A batch of slots that play one task. Calls are carried out in the order in which they were made. */
export class Environment<T extends string = string> {
  private nextStep = 1n;
  private number = 0; // of the environment in its session
  private queue: Promise<unknown> = Promise.resolve();
  private unanswered: (() => Promise<unknown>) | undefined;
  private isOpen = true;

  /** Use `Client.make`. */
  constructor(
    private readonly link: Link,
    readonly task: TaskInfo,
    private readonly info: EnvironmentInfo,
    private readonly shown: Observe,
    private history: History | undefined,
    private epoch: number,
  ) {
    this.enter(info, epoch);
  }

  private enter(info: EnvironmentInfo, epoch: number): void {
    [this.number, this.nextStep, this.epoch] = [info.environment, info.lastStepId + 1n, epoch];
  }

  /** Number of slots. */
  get slots(): number {
    return this.info.slots;
  }

  /** The task's options in force, with every default filled in. */
  get options(): Record<string, unknown> {
    return JSON.parse(this.info.optionsJson || "{}") as Record<string, unknown>;
  }

  /** Starts new episodes in all slots, or in those that the mask selects. */
  async reset(settings: ResetSettings = {}): Promise<Observations> {
    const request = {
      ...(settings.seed === undefined ? {} : { seed: toSeed(settings.seed) }),
      seeds: toSeeds(settings.seeds ?? []),
      mask: toMask(settings.mask),
      optionsJson: (settings.options ?? []).map((options) => JSON.stringify(options)),
      ...this.observing(settings),
    };
    return Observations.from((await this.numbered(settings, { name: "reset", request })).observations);
  }

  /** Acts once: a language model's replies, one for each row, or float32[rows, action_size]. */
  async step(actions: readonly string[] | Float32Array, settings: StepSettings = {}): Promise<Step> {
    const isNumbers = actions instanceof Float32Array;
    return this.acting(settings, isNumbers
      ? { case: "numbers", value: new Uint8Array(actions.buffer as ArrayBuffer, actions.byteOffset, actions.byteLength) }
      : { case: "texts", value: { answers: toTexts("actions", actions) } });
  }

  /** Acts once by choices or numbers with names, typed for the tasks that this client knows. */
  act(actions: readonly Action<T>[], settings: StepSettings = {}): Promise<Step> {
    return this.step(toNumbers(this.task, actions as readonly (string | Record<string, number>)[]), settings);
  }

  /** Draws slots as they are now, in any size and layer; `observe` is "rgb" unless told otherwise. */
  async render(settings: Observe & { readonly slots?: readonly number[] } = {}): Promise<Observations> {
    const observe = toRequest({ ...this.shown, observe: ["rgb"], ...settings });
    const slots = toWholes("slots", settings.slots ?? []);
    const reply = await this.inOrder(() => this.recovered((options) => this.link.stub.render(
      { environment: this.number, slots, observe }, options)));
    return Observations.from(reply.observations);
  }

  /** The states of slots, in this order, as a few bytes. */
  async snapshot(slots: readonly number[] = []): Promise<Uint8Array> {
    const wanted = toWholes("slots", slots);
    return this.inOrder(() => this.captured(wanted));
  }

  /** Puts captured states into slots: row i continues from captured slot `sources[i]`. */
  async restore(
    snapshot: Uint8Array,
    settings: { readonly sources?: readonly number[]; readonly mask?: readonly boolean[] } & Waiting = {},
  ): Promise<Observations> {
    const request = {
      snapshot,
      sources: toWholes("sources", settings.sources ?? []),
      mask: toMask(settings.mask),
    };
    return Observations.from((await this.numbered(settings, { name: "restore", request })).observations);
  }

  /** A second environment whose slots continue from slots of this one; repetition allowed. */
  async fork(slots: readonly number[] = []): Promise<Environment<T>> {
    const request = { slots: toWholes("slots", slots), createId: newId(), withoutObservations: true };
    return this.inOrder(async () => {
      const snapshot = this.history === undefined ? undefined : await this.captured(request.slots);
      const { environment } = await this.recovered((options) =>
        this.link.stub.fork({ ...request, environment: this.number }, options));
      const history = snapshot && this.history?.ofFork(environment!.slots, snapshot);
      return new Environment<T>(this.link, this.task, environment!, this.shown, history, this.epoch);
    });
  }

  /** Frees the slots; closing twice is fine. */
  async close(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false;
      await this.inOrder(() => {
        this.history = undefined;
        return this.link.call((options) => this.link.stub.close({ environment: this.number }, options), this.epoch);
      }).catch((failure: unknown) => {
        if (!(failure instanceof PhysIntuitionError)) {
          throw failure; // Otherwise the session is over, and the environment with it.
        }
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What a Create says. */
  static toCreate(task: string, settings: EnvironmentSettings) {
    return {
      task,
      slots: toWhole("slots", settings.slots ?? 1),
      split: settings.split ?? "train",
      optionsJson: settings.options === undefined ? "" : JSON.stringify(settings.options),
      slotOptionsJson: (settings.slotOptions ?? []).map((options) => (options === null ? "" : JSON.stringify(options))),
      autoreset: AUTORESET[settings.autoreset ?? "disabled"],
      outcome: OUTCOME[settings.outcome ?? "settled"],
      observe: toRequest(settings),
      createId: newId(),
    };
  }

  private async acting(
    settings: StepSettings,
    actions: NonNullable<MessageInitShape<typeof StepRequestSchema>["actions"]>,
  ): Promise<Step> {
    const request = { actions, mask: toMask(settings.mask), ...this.observing(settings) };
    return toStep(await this.numbered(settings, { name: "step", request }) as StepReply);
  }

  private observing(settings: { readonly observe?: readonly string[] }) {
    return settings.observe === undefined ? {} : { observe: toRequest({ ...this.shown, observe: settings.observe }) };
  }

  // A repeated number gets the recorded reply, so a call that is tried again never acts twice.
  private numbered(settings: Waiting, call: Change): Promise<ResetReply | StepReply> {
    const reply = this.inOrder(async () => {
      await this.settle();
      return this.carryOut(call);
    });
    return settings.signal === undefined ? reply : orAborted(reply, settings.signal);
  }

  private send(call: Change, options: CallOptions): Promise<ResetReply | StepReply> {
    const numbers = { environment: this.number, stepId: this.nextStep };
    switch (call.name) {
      case "reset":
        return this.link.stub.reset({ ...call.request, ...numbers }, options);
      case "step":
        return this.link.stub.step({ ...call.request, ...numbers }, options);
      case "restore":
        return this.link.stub.restore({ ...call.request, ...numbers }, options);
    }
  }

  // One call, in another session where the last one is lost.
  private async recovered<R>(attempt: (options: CallOptions) => Promise<R>): Promise<R> {
    for (let left = ATTEMPTS; ; left--) {
      const epoch = this.link.epoch;
      try {
        if (this.history !== undefined && this.epoch !== epoch) {
          await this.rebuild(this.history);
        }

        return await this.link.call(attempt, this.epoch);
      } catch (failure) {
        if (!isUnknown(failure) || this.history === undefined || left === 1 || !this.link.renew(epoch)) {
          throw failure;
        }
      }
    }
  }

  private async rebuild(history: History): Promise<void> {
    try {
      const [info, epoch] = await create(this.link, { ...history.create, createId: newId() });
      this.enter(info, epoch);
      for (const call of history.replay()) {
        checkOutcome(call, await this.link.call((options) => this.send(call, options), epoch), this.task.id);
        this.nextStep++;
      }
    } catch (failure) {
      this.epoch = -1; // Half of it: the next attempt begins anew.
      throw explained(failure, this.link.where);
    }
  }

  private async captured(slots: readonly number[]): Promise<Uint8Array> {
    const reply = await this.recovered((options) =>
      this.link.stub.snapshot({ environment: this.number, slots: [...slots] }, options));
    return reply.snapshot;
  }

  // False: the session was lost before what the server drew was kept; nobody has seen the reply yet.
  private async isKept(call: Change, reply: ResetReply | StepReply): Promise<boolean> {
    const history = this.history;
    const isDrawn = history?.isDrawn(call) ?? false;
    if (history === undefined || !history.add(call, reply)) {
      return true;
    }

    const epoch = this.epoch;
    try {
      history.keep((await this.link.call((options) => this.link.stub.snapshot(
        { environment: this.number, slots: history.capture() }, options), epoch)).snapshot);
    } catch (failure) {
      if (isDrawn && isUnknown(failure) && this.link.renew(epoch)) {
        return false;
      }

      if (isDrawn && failure instanceof PhysIntuitionError && !failure.isAnswer) {
        throw failure;
      }

      this.history = isDrawn ? undefined : history; // Without: it cannot be brought back.
    }

    return true;
  }

  // A call that was lost without an answer is done before anything else.
  private async settle(): Promise<void> {
    await this.unanswered?.().catch((failure: unknown) => {
      if (this.unanswered !== undefined) {
        throw failure; // Still no answer.
      }
    });
  }

  private async carryOut(call: Change): Promise<ResetReply | StepReply> {
    this.unanswered = () => this.carryOut(call);
    try {
      let reply: ResetReply | StepReply;
      do {
        reply = await this.recovered((options) => this.send(call, options));
      } while (!await this.isKept(call, reply));
      this.unanswered = undefined;
      this.nextStep++;
      return reply;
    } catch (failure) {
      if (!(failure instanceof PhysIntuitionError) || failure.isAnswer) {
        this.unanswered = undefined; // Refused, or never sent: its number is free again.
      }

      throw failure;
    }
  }

  private inOrder<R>(call: () => Promise<R>): Promise<R> {
    const reply = this.queue.then(call, call);
    this.queue = reply.catch(() => undefined);
    return reply;
  }
}

/** Opens an environment; says which session it is in. */
export async function create(
  link: Link, request: MessageInitShape<typeof CreateRequestSchema>,
): Promise<[EnvironmentInfo, number]> {
  for (let left = ATTEMPTS; ; left--) {
    const epoch = link.epoch;
    try {
      const reply = await link.call((options) => link.stub.create(request, options));
      return [reply.environment!, epoch];
    } catch (failure) {
      if (!isUnknown(failure) || left === 1 || !link.renew(epoch)) {
        throw failure;
      }
    }
  }
}

// A Create or Fork that is sent again finds the environment that it opened, and nobody else's.
function newId(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]! | 1n; // 0 is no number
}

function toStep(reply: StepReply): Step {
  const flags = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte !== 0);
  const rewards = new Float32Array(reply.rewards.slice().buffer);
  return {
    rewards,
    terminated: flags(reply.terminated),
    truncated: flags(reply.truncated),
    started: reply.started.length > 0 ? flags(reply.started) : new Array<boolean>(rewards.length).fill(false),
    observations: Observations.from(reply.observations),
    finalObservations: Observations.from(reply.finalObservations),
  };
}

function orAborted<R>(reply: Promise<R>, signal: AbortSignal): Promise<R> {
  reply.catch(() => undefined); // Nobody may be waiting for it.
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    if (signal.aborted) {
      give();
    }

    signal.addEventListener("abort", give, { once: true });
    reply.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}
