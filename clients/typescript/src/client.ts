import { createClient } from "@connectrpc/connect";
import type { Transport } from "@connectrpc/connect";
import type { TaskId } from "./actions.js";
import { create, Environment } from "./environment.js";
import type { EnvironmentSettings } from "./environment.js";
import { EnvironmentService } from "./gen/physintuition/v1/environment_pb.js";
import type { ServerInfo, TaskInfo } from "./gen/physintuition/v1/environment_pb.js";
import { Link } from "./link.js";
import type { ClientOptions, Session } from "./link.js";
import { Observations, toRequest } from "./observations.js";
import { History } from "./recovery.js";
import type { Observe } from "./observations.js";
import { toSeed, toSeeds, toTexts, toWhole } from "./values.js";
import type { Seed } from "./values.js";

const NAME = "physintuition-typescript/0.1.0";

/** What is to be scored, and how. */
export interface ScoreSettings extends Observe {
  readonly split?: string;
  readonly options?: object;
  /** How many answers belong to each seed, where they are conversations; one unless told otherwise. */
  readonly turns?: readonly number[];
}

/** Rows of a dataset. */
export interface DatasetSettings extends Observe {
  /** Seed of the first row; the others follow. 0 unless told otherwise. */
  readonly firstSeed?: Seed;
  readonly count: number;
  readonly split?: string;
  readonly options?: object;
  /** Rows in one chunk, 1 to 1,024; 64 unless told otherwise. */
  readonly chunkRows?: number;
}

/** Some rows of a dataset, column by column. */
export interface DatasetRows {
  readonly seeds: readonly bigint[];
  readonly columns: Observations;
}

/** A session at a server. Calls that cannot reach it are tried again; none of them acts twice. */
export class Client {
  private constructor(private readonly link: Link) {}

  /**
   * Opens a session.
   * @param transport to the server; or several, of which the next one is used once nobody answers at the last.
   * @param session id and secret of one that exists already, to go on with it.
   * @param where each server is, for people.
   */
  static async open(
    transport: Transport | readonly Transport[], options: ClientOptions = {}, session?: Session,
    where: readonly string[] = [],
  ): Promise<Client> {
    const transports = Array.isArray(transport) ? transport as readonly Transport[] : [transport as Transport];
    const link = new Link(transports.map((each, i) => (
      { stub: createClient(EnvironmentService, each), where: where[i] ?? "the server" })), options);
    await link.open(NAME, session);
    return new Client(link);
  }

  /** Id and secret of the session. */
  get session(): Session {
    return this.link.session;
  }

  /** What the server is and can. */
  serverInfo(): Promise<ServerInfo> {
    return this.link.call((options) => this.link.stub.getServerInfo({}, options));
  }

  /** All tasks, in the order in which people should read them. */
  async tasks(): Promise<readonly TaskInfo[]> {
    return (await this.link.call((options) => this.link.stub.listTasks({}, options))).tasks;
  }

  /** The manual page of a task; the error for an unknown id lists those that exist. */
  task(id: string): Promise<TaskInfo> {
    return this.link.call((options) => this.link.stub.getTask({ task: id }, options));
  }

  /** Opens an environment: a batch of episodes of one task. */
  async make<T extends TaskId | (string & {})>(task: T, settings: EnvironmentSettings = {}): Promise<Environment<T>> {
    const request = Environment.toCreate(task, settings);
    const info = await this.task(task);
    const [opened, epoch] = await create(this.link, request);
    const history = this.link.recovers ? new History(request, opened.slots) : undefined;
    return new Environment<T>(this.link, info, opened, settings, history, epoch);
  }

  /** Scores answers, or conversations of several, without an environment. Equal seeds share the scene. */
  async score(
    task: string, seeds: readonly Seed[], answers: readonly string[] | Float32Array, settings: ScoreSettings = {},
  ): Promise<{ rewards: Float32Array; observations: Observations }> {
    const request = {
      task,
      split: settings.split ?? "train",
      optionsJson: settings.options === undefined ? "" : JSON.stringify(settings.options),
      seeds: toSeeds(seeds),
      actions: answers instanceof Float32Array
        ? { case: "numbers" as const, value: new Uint8Array(answers.slice().buffer) }
        : { case: "texts" as const, value: { answers: toTexts("answers", answers) } },
      observe: toRequest(settings),
      turns: (settings.turns ?? []).map((count, seed) => toWhole(`turns[${seed}]`, count)),
    };
    const reply = await this.link.call((options) => this.link.stub.score(request, options));
    return {
      rewards: new Float32Array(reply.rewards.slice().buffer),
      observations: Observations.from(reply.observations),
    };
  }

  /** Streams episodes as rows of a dataset. Leaving the loop ends the stream. */
  async *dataset(task: string, settings: DatasetSettings): AsyncGenerator<DatasetRows, void, undefined> {
    const leaving = new AbortController();
    const stream = this.link.stub.streamDataset({
      task,
      split: settings.split ?? "train",
      optionsJson: settings.options === undefined ? "" : JSON.stringify(settings.options),
      firstSeed: toSeed(settings.firstSeed ?? 0, "firstSeed"),
      count: toWhole("count", settings.count),
      observe: toRequest({ observe: ["rgb", "prompt"], encoding: "png", ...settings }),
      chunkRows: toWhole("chunkRows", settings.chunkRows ?? 0),
    }, this.link.streaming(leaving.signal));
    try {
      for await (const chunk of stream) {
        yield { seeds: chunk.seeds, columns: Observations.from(chunk.columns) };
      }
    } catch (failure) {
      throw this.link.failureOf(failure);
    } finally {
      leaving.abort();
    }
  }

  /** Ends the session and all its environments; closing twice is fine. */
  close(): Promise<void> {
    return this.link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
