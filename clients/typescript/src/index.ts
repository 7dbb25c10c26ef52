export { Code } from "@connectrpc/connect";
export type { Action, ActionSpace, TaskId } from "./actions.js";
export { Client } from "./client.js";
export type { DatasetRows, DatasetSettings, ScoreSettings } from "./client.js";
export { Environment } from "./environment.js";
export type { Autoreset, EnvironmentSettings, ResetSettings, Step, StepSettings } from "./environment.js";
export { PhysIntuitionError } from "./errors.js";
export type { TaskActions } from "./gen/actions.js";
export type { ServerInfo, TaskInfo } from "./gen/physintuition/v1/environment_pb.js";
export type { ClientOptions, Session } from "./link.js";
export { Observations } from "./observations.js";
export type { Seed } from "./values.js";
export type {
  Elements, Encoding, Observation, Observe, PictureObservation, TensorObservation, TextObservation,
} from "./observations.js";
