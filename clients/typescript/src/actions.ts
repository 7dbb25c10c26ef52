import type { TaskActions } from "./gen/actions.js";
import type { TaskInfo } from "./gen/physintuition/v1/environment_pb.js";

/** Ids of the tasks that this client knows by name; a server may have more. */
export type TaskId = keyof TaskActions;

/** One numeric action of a task: a choice, or numbers by name. */
export type Action<T extends string> = T extends TaskId ? TaskActions[T] : Choice | Record<string, number>;

type Choice = string;

/** A task's numeric action space, as TaskInfo.action_space_json has it. */
export type ActionSpace =
  | { readonly type: "discrete"; readonly n: number; readonly names?: readonly string[] }
  | {
      readonly type: "box";
      readonly shape: readonly number[];
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly names: readonly string[];
      readonly units: readonly string[];
      readonly integer?: readonly boolean[];
    };

/** float32[rows, action_size] of actions by name. @throws RangeError a choice or a number is missing. */
export function toNumbers(task: TaskInfo, actions: readonly (Choice | Record<string, number>)[]): Float32Array {
  const space = JSON.parse(task.actionSpaceJson || "null") as ActionSpace | null;
  if (space === null) {
    throw new RangeError(`${task.id} takes text only; answer with strings.`);
  }

  return Float32Array.from(actions.flatMap((action, row) => oneRow(space, action, row)));
}

function oneRow(space: ActionSpace, action: Choice | Record<string, number>, row: number): number[] {
  if (space.type === "discrete") {
    const index = space.names?.indexOf(String(action)) ?? Number(action);
    if (!(index >= 0)) {
      throw new RangeError(`actions[${row}] is '${String(action)}'; choose one of ${space.names?.join(", ")}.`);
    }

    return [index];
  }

  return space.names.map((name) => {
    const value = typeof action === "object" ? action[name] : undefined;
    if (value === undefined) {
      throw new RangeError(`actions[${row}] lacks '${name}'; it wants ${space.names.join(", ")}.`);
    }

    return value;
  });
}
