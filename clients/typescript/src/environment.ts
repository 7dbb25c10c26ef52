import type { MessageInitShape } from "@bufbuild/protobuf";
import { toNumbers } from "./actions.js";
import type { Action } from "./actions.js";
import { PhysIntuitionError } from "./errors.js";
import { AutoresetMode, TerminalObservation } from "./gen/physintuition/v1/environment_pb.js";
import type { EnvironmentInfo, StepReply, StepRequestSchema, TaskInfo } from "./gen/physintuition/v1/environment_pb.js";
import type { Link } from "./link.js";
import { Observations, toRequest } from "./observations.js";
import type { Observe } from "./observations.js";
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
  private nextStep: bigint;
  private queue: Promise<unknown> = Promise.resolve();
  private unanswered: (() => Promise<unknown>) | undefined;
  private isOpen = true;

  /** Use `Client.make`. */
  constructor(
    private readonly link: Link,
    readonly task: TaskInfo,
    private readonly info: EnvironmentInfo,
    private readonly shown: Observe,
  ) {
    this.nextStep = info.lastStepId + 1n;
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
      environment: this.info.environment,
      ...(settings.seed === undefined ? {} : { seed: toSeed(settings.seed) }),
      seeds: toSeeds(settings.seeds ?? []),
      mask: toMask(settings.mask),
      optionsJson: (settings.options ?? []).map((options) => JSON.stringify(options)),
      ...this.observing(settings),
    };
    const reply = await this.numbered(settings, (stepId) =>
      this.link.call((options) => this.link.stub.reset({ ...request, stepId }, options)));
    return Observations.from(reply.observations);
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
    const reply = await this.inOrder(() => this.link.call((options) => this.link.stub.render(
      { environment: this.info.environment, slots, observe }, options)));
    return Observations.from(reply.observations);
  }

  /** The states of slots, in this order, as a few bytes. */
  async snapshot(slots: readonly number[] = []): Promise<Uint8Array> {
    const request = { environment: this.info.environment, slots: toWholes("slots", slots) };
    const reply = await this.inOrder(() => this.link.call((options) => this.link.stub.snapshot(request, options)));
    return reply.snapshot;
  }

  /** Puts captured states into slots: row i continues from captured slot `sources[i]`. */
  async restore(
    snapshot: Uint8Array,
    settings: { readonly sources?: readonly number[]; readonly mask?: readonly boolean[] } & Waiting = {},
  ): Promise<Observations> {
    const request = {
      environment: this.info.environment,
      snapshot,
      sources: toWholes("sources", settings.sources ?? []),
      mask: toMask(settings.mask),
    };
    const reply = await this.numbered(settings, (stepId) =>
      this.link.call((options) => this.link.stub.restore({ ...request, stepId }, options)));
    return Observations.from(reply.observations);
  }

  /** A second environment whose slots continue from slots of this one; repetition allowed. */
  async fork(slots: readonly number[] = []): Promise<Environment<T>> {
    const request = { environment: this.info.environment, slots: toWholes("slots", slots), createId: newId() };
    const reply = await this.inOrder(() => this.link.call((options) => this.link.stub.fork(request, options)));
    return new Environment<T>(this.link, this.task, reply.environment!, this.shown);
  }

  /** Frees the slots; closing twice is fine. */
  async close(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false;
      await this.inOrder(() => this.link.call((options) => this.link.stub.close(
        { environment: this.info.environment }, options))).catch((failure: unknown) => {
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
    const request = {
      environment: this.info.environment, actions, mask: toMask(settings.mask), ...this.observing(settings),
    };
    return toStep(await this.numbered(settings, (stepId) =>
      this.link.call((options) => this.link.stub.step({ ...request, stepId }, options))));
  }

  private observing(settings: { readonly observe?: readonly string[] }) {
    return settings.observe === undefined ? {} : { observe: toRequest({ ...this.shown, observe: settings.observe }) };
  }

  // A repeated number gets the recorded reply, so a call that is tried again never acts twice.
  private numbered<R>(settings: Waiting, attempt: (stepId: bigint) => Promise<R>): Promise<R> {
    const reply = this.inOrder(async () => {
      await this.settle();
      return this.carryOut(() => attempt(this.nextStep));
    });
    return settings.signal === undefined ? reply : orAborted(reply, settings.signal);
  }

  // A call that was lost without an answer is done before anything else.
  private async settle(): Promise<void> {
    await this.unanswered?.().catch((failure: unknown) => {
      if (this.unanswered !== undefined) {
        throw failure; // Still no answer.
      }
    });
  }

  private async carryOut<R>(attempt: () => Promise<R>): Promise<R> {
    this.unanswered = () => this.carryOut(attempt);
    try {
      const reply = await attempt();
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
