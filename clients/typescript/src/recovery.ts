import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { PhysIntuitionError } from "./errors.js";
import type {
  CreateRequestSchema, Observation, ResetReply, ResetRequestSchema, RestoreRequestSchema, StepReply, StepRequestSchema,
} from "./gen/physintuition/v1/environment_pb.js";

const LARGEST = 1 << 20; // bytes of calls that are kept at most, but for the last one
const HASHES = new Set(["scene_hash", "outcome_hash"]);

/** Calls between snapshots. */
export const EVERY = 256;

/** Sessions in a row that a call loses before that is told. */
export const ATTEMPTS = 5;

/** A request that changes an environment, but for its numbers. */
export type Change =
  | { readonly name: "reset"; readonly request: MessageInitShape<typeof ResetRequestSchema> }
  | { readonly name: "step"; readonly request: MessageInitShape<typeof StepRequestSchema> }
  | { readonly name: "restore"; readonly request: MessageInitShape<typeof RestoreRequestSchema> };

/** A change and a fingerprint of what its reply said of the episodes' ends. */
export type Kept = Change & { readonly outcome: number };

/**
 * What brings an environment back in another session: its last snapshot and the calls since. Calls since a seeded reset
 * of all slots are enough; where there is none for long, a snapshot takes the place of what came before it.
 */
export class History {
  private readonly open: boolean[];
  private isKnown: boolean[]; // slots whose further seeds follow from what is kept
  private isHeld: boolean[]; // slots that the snapshot holds
  private hasOtherOptions: boolean;
  private calls: Kept[] = [];
  private bytes = 0;
  private wait = EVERY;

  constructor(
    readonly create: MessageInitShape<typeof CreateRequestSchema>, slots: number, private snapshot?: Uint8Array,
  ) {
    this.open = new Array<boolean>(slots).fill(snapshot !== undefined);
    this.isKnown = [...this.open];
    this.isHeld = [...this.open];
    this.hasOtherOptions = snapshot !== undefined;
  }

  /** Whether the server draws what nobody can repeat: then its reply is kept as a snapshot, or not at all. */
  isDrawn(call: Change): boolean {
    return call.name === "reset" && !isSeeded(call) &&
      this.isKnown.some((isKnown, slot) => !isKnown && takes(call.request.mask, slot));
  }

  /** A call was answered; gives whether a snapshot should take the place of what is kept. */
  add(call: Change, reply: ResetReply | StepReply): boolean {
    const isDrawn = this.isDrawn(call);
    if (call.name !== "step") {
      const isKnown = call.name === "restore" || isSeeded(call);
      if (call.name === "reset" && isKnown && !call.request.mask?.length && !this.hasOtherOptions) {
        this.snapshot = undefined;
        this.forgetCalls();
      }

      this.hasOtherOptions ||= call.name === "restore" || (call.request.optionsJson?.length ?? 0) > 0;
      this.open.forEach((_, slot) => {
        if (takes(call.request.mask, slot)) {
          this.open[slot] = true;
          this.isKnown[slot] ||= isKnown;
        }
      });
    }

    if (!isDrawn) {
      this.calls.push({ ...call, outcome: outcomeOf(reply) });
      this.bytes += sizeOf(call);
      this.wait--;
    }

    return isDrawn || this.wait <= 0 || this.bytes > LARGEST;
  }

  /** The slots that have a state; where the server refuses it, the next attempt is as far away. */
  capture(): number[] {
    this.wait = EVERY;
    return this.open.flatMap((isOpen, slot) => (isOpen ? [slot] : []));
  }

  /** A snapshot holds all that was done so far. */
  keep(snapshot: Uint8Array): void {
    this.snapshot = snapshot;
    this.isKnown = [...this.open];
    this.isHeld = [...this.open];
    this.hasOtherOptions = true;
    this.forgetCalls();
  }

  /** The calls that lead to the state; without pictures, only with hashes that were asked for. */
  replay(): Kept[] {
    const calls = this.calls.map((call) => ({
      ...call, request: { ...call.request, observe: this.hashesOf(call.request.observe) },
    }) as Kept);
    if (this.snapshot !== undefined) {
      const mask = this.isHeld.every(Boolean) ? new Uint8Array() : Uint8Array.from(this.isHeld, Number);
      calls.unshift({ name: "restore", request: { snapshot: this.snapshot, mask, observe: {} }, outcome: 0 });
    }

    return calls;
  }

  /** The history of an environment of so many slots that begins with a snapshot of this one. */
  ofFork(slots: number, snapshot: Uint8Array): History {
    return new History({ ...this.create, slots, slotOptionsJson: [] }, slots, snapshot);
  }

  private hashesOf(observe: Kept["request"]["observe"]) {
    return { names: ((observe ?? this.create.observe)?.names ?? []).filter((name) => HASHES.has(name)) };
  }

  private forgetCalls(): void {
    [this.calls, this.bytes, this.wait] = [[], 0, EVERY];
  }
}

/** @throws PhysIntuitionError another outcome came than the first time. */
export function checkOutcome(call: Kept, reply: ResetReply | StepReply, task: string): void {
  if (call.outcome !== 0 && call.outcome !== outcomeOf(reply)) {
    throw lost(`A call of this ${task} environment had another outcome than where its session was lost. The servers ` +
      "must be of the same version.");
  }
}

/** The session is gone and its environment cannot be brought back. */
export function lost(message: string, reason = "SESSION_LOST"): PhysIntuitionError {
  return new PhysIntuitionError(message, Code.NotFound, reason);
}

/** Another call has found out that the session is lost. */
export function replaced(): PhysIntuitionError {
  return lost("The session is lost, and another one has taken its place.", "UNKNOWN_SESSION");
}

/** Whether the server does not know the session, as after a restart. */
export function isUnknown(failure: unknown): boolean {
  return failure instanceof PhysIntuitionError && failure.reason === "UNKNOWN_SESSION";
}

/** What stopped an environment from being brought back, as the caller is told. */
export function explained(failure: unknown, where: string): unknown {
  return failure instanceof PhysIntuitionError && failure.reason === "WRONG_SNAPSHOT"
    ? lost(`The session is lost, and the server at ${where} cannot read snapshots of the one that had it. Give both ` +
      "the same PhysIntuition:Engine:SnapshotSecret, or reset with seeds, which needs no snapshot.")
    : failure;
}

function isSeeded(call: Change & { readonly name: "reset" }): boolean {
  return call.request.seed !== undefined || (call.request.seeds?.length ?? 0) > 0;
}

function takes(mask: Uint8Array | undefined, slot: number): boolean {
  return mask === undefined || mask.length === 0 || mask[slot] === 1;
}

function sizeOf(call: Change): number {
  if (call.name === "restore") {
    return call.request.snapshot?.length ?? 0;
  }

  const actions = call.name === "step" ? call.request.actions : undefined;
  const texts = actions?.case === "texts" ? actions.value.answers ?? [] : [];
  return (actions?.case === "numbers" ? actions.value.length : 0) +
    texts.reduce((sum, text) => sum + text.length, 0);
}

// FNV-1a, 32 bits; never 0.
function outcomeOf(reply: ResetReply | StepReply): number {
  let code = 0x811c9dc5;
  const add = (bytes: Uint8Array) => {
    for (const byte of bytes) {
      code = Math.imul(code ^ byte, 0x01000193);
    }
  };
  if ("rewards" in reply) {
    [reply.rewards, reply.terminated, reply.truncated, reply.started].forEach(add);
  }

  reply.observations.filter((observation) => HASHES.has(observation.name)).forEach((observation: Observation) => {
    if (observation.content.case === "tensor") {
      add(observation.content.value.data);
    }
  });
  return (code >>> 0) || 1;
}
