import { Code, ConnectError } from "@connectrpc/connect";
import type { CallOptions, Client as Stub } from "@connectrpc/connect";
import { whyUnreachable } from "./address.js";
import { PhysIntuitionError } from "./errors.js";
import { replaced } from "./recovery.js";
import type { EnvironmentService } from "./gen/physintuition/v1/environment_pb.js";

const FIRST_PAUSE = 50; // ms between attempts to reach the server again
const LONGEST_PAUSE = 2_000; // ms
const USUAL_PATIENCE = 30_000; // ms

/** How a client behaves. */
export interface ClientOptions {
  /** API token, where the server asks for one. */
  readonly token?: string;
  /** Seconds without a request after which the session ends; 0: the server's default. */
  readonly lease?: number;
  /**
   * ms for which a call that cannot reach the server is tried again. Unless told otherwise 30,000 once the server has
   * been reached; before that, an address where nobody listens is told at once.
   */
  readonly patience?: number;
  /** The session outlives its server: any server of its cluster goes on with it. Wants a server of a cluster. */
  readonly durable?: boolean;
  /**
   * A session that is lost with its server is rebuilt on another one, or on the same once it is back, from the last
   * snapshots and the calls since; the call that finds out takes longer. True unless told otherwise. Unseeded episodes,
   * and calls without a seeded reset of all slots for long, need snapshots, which servers read that share a snapshot
   * secret. Not for durable sessions, which their cluster keeps.
   */
  readonly recover?: boolean;
  /** Where the line goes that says so; `console.warn` unless told otherwise. */
  readonly log?: (line: string) => void;
}

/** One of the servers that a client may use. */
export interface Server {
  readonly stub: Stub<typeof EnvironmentService>;
  /** For people. */
  readonly where: string;
}

/** Id and secret of a session; whoever has both can go on with it. */
export interface Session {
  readonly id: string;
  readonly token: string;
}

/** Sessions that this process opened and nobody else can know of: they end with it, where it can still say so. */
export const ownSessions = new Set<Link>();

/** One session at one server, of which there may be several: headers, and calls that outlive lost connections. */
export class Link {
  private readonly anonymous: Record<string, string>;
  private headers: Record<string, string>;
  private isOpen = false;
  private isReached = false;
  private isLost = false;
  private isShared = false; // another process may know of the session
  private name = "";
  private opening: Promise<void> | undefined; // of a session in place of one that was lost
  private at = 0;

  /** Sessions that were lost and replaced. */
  epoch = 0;

  constructor(private readonly servers: readonly Server[], private readonly options: ClientOptions) {
    this.anonymous = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    this.headers = this.anonymous;
  }

  /** Id and secret of the session, for another client to go on with it: from now on only `close` ends it. */
  get session(): Session {
    if (this.isOpen && this.headers["physintuition-session"] === "") {
      throw new RangeError("session wants a server: the engine is in this process, where nobody else reaches it. " +
        "Name a server as address or in PHYSINTUITION_SERVER.");
    }

    ownSessions.delete(this);
    this.isShared = true;
    return {
      id: this.headers["physintuition-session"] ?? "",
      token: this.headers["physintuition-session-token"] ?? "",
    };
  }

  /** The server that is used now. */
  get stub(): Stub<typeof EnvironmentService> {
    return this.servers[this.at]!.stub;
  }

  /** Where it is, for people. */
  get where(): string {
    return this.servers[this.at]!.where;
  }

  /** Whether a lost session is replaced; not where another process may have used it, or a cluster keeps it. */
  get recovers(): boolean {
    const isEmbedded = this.isOpen && this.headers["physintuition-session"] === "";
    return (this.options.recover ?? true) && !isEmbedded && !this.options.durable && !this.isShared;
  }

  /** Opens another session before the next call, as the server does not know the last one; false: it must not. */
  renew(epoch: number): boolean {
    if (epoch === this.epoch) {
      if (!this.recovers) {
        return false;
      }

      this.epoch++;
      ownSessions.delete(this);
      [this.isOpen, this.isLost, this.headers] = [false, true, this.anonymous];
      (this.options.log ?? console.warn)(
        `The session is lost; its environments go on at ${this.where}, rebuilt from their snapshots and calls.`);
    }

    return true;
  }

  private async reopen(): Promise<void> {
    try {
      await this.open(this.name);
      this.isLost = false;
    } finally {
      this.opening = undefined;
    }
  }

  /** Opens a session, or takes over one that exists. */
  async open(client: string, session?: Session): Promise<void> {
    [this.name, this.isShared] = [client, session !== undefined];
    const info = await this.attempt(() =>
      this.stub.openSession(
        {
          client,
          leaseSeconds: this.options.lease ?? 0,
          resumeId: session?.id ?? "",
          resumeToken: session?.token ?? "",
          durable: this.options.durable ?? false,
        },
        { headers: { ...this.headers, "physintuition-session": session?.id ?? newSessionId() } },
      ),
    );
    this.headers = {
      ...this.headers,
      "physintuition-session": info.id,
      "physintuition-session-token": session?.token ?? info.token,
    };
    this.isOpen = true;
    if (session === undefined) {
      ownSessions.add(this);
    }
  }

  /** Ends the session; nobody minds if it has ended already. */
  async close(): Promise<void> {
    ownSessions.delete(this);
    if (this.isOpen) {
      this.isOpen = false;
      await this.stub.closeSession({}, { headers: this.headers, timeoutMs: 5_000 }).catch(() => undefined);
    }
  }

  /** Options of a stream, which is not tried again. */
  streaming(signal: AbortSignal): CallOptions {
    return { headers: this.headers, signal };
  }

  /** What a failed call said, or why nobody could be reached. */
  failureOf(failure: unknown): PhysIntuitionError {
    const error = PhysIntuitionError.from(failure);
    const why = error.isAnswer ? undefined : whyUnreachable(failure, this.where);
    return why === undefined
      ? error
      : new PhysIntuitionError(why, Code.Unavailable, "", "", 0, false, { cause: failure });
  }

  /**
   * Makes one call; while the server cannot be reached it is tried again.
   * @param epoch in the session of that number, or not at all.
   */
  async call<T>(attempt: (options: CallOptions) => Promise<T>, epoch?: number): Promise<T> {
    return this.attempt(async (options) => {
      if (this.isLost) {
        await (this.opening ??= this.reopen());
      }

      if (epoch !== undefined && epoch !== this.epoch) {
        throw replaced();
      }

      return attempt({ ...options, headers: this.headers });
    });
  }

  private async attempt<T>(attempt: (options: CallOptions) => Promise<T>): Promise<T> {
    const giveUp = Date.now() + (this.options.patience ?? USUAL_PATIENCE);
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const at = this.at;
      try {
        const reply = await attempt({ headers: this.headers });
        this.isReached = true;
        return reply;
      } catch (failure) {
        if (!(failure instanceof ConnectError)) {
          throw failure; // A programming error, which would be repeated in vain.
        }

        const error = this.failureOf(failure);
        const isGone = error.reason === "DRAINING" || whyUnreachable(failure, this.where) !== undefined;
        this.isReached ||= error.isAnswer;
        if (!error.isAnswer && this.servers.length > 1 && (isGone || pause > FIRST_PAUSE) && Date.now() < giveUp) {
          // With the session's name: servers of a cluster know it, others say so.
          this.at = this.at === at ? (at + 1) % this.servers.length : this.at;
          await new Promise((resolve) => setTimeout(resolve, pause));
          continue;
        }

        const isNew = !this.isReached && this.options.patience === undefined;
        if (error.isAnswer || Date.now() + pause > giveUp ||
          (isNew && whyUnreachable(failure, this.where) !== undefined)) {
          throw error;
        }

        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

// Names a session before it is opened, so that a load balancer that hashes the name sends openSession where it sends
// the calls after it. Each attempt has a name of its own: one whose reply was lost has taken its name.
function newSessionId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
