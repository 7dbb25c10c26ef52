import { Code, ConnectError } from "@connectrpc/connect";
import type { CallOptions, Client as Stub } from "@connectrpc/connect";
import { whyUnreachable } from "./address.js";
import { PhysIntuitionError } from "./errors.js";
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
}

/** Id and secret of a session; whoever has both can go on with it. */
export interface Session {
  readonly id: string;
  readonly token: string;
}

/** Sessions that this process opened and nobody else can know of: they end with it, where it can still say so. */
export const ownSessions = new Set<Link>();

/** One session at one server: headers, and calls that outlive lost connections. */
export class Link {
  private headers: Record<string, string>;
  private isOpen = false;
  private isReached = false;

  constructor(
    readonly stub: Stub<typeof EnvironmentService>,
    private readonly options: ClientOptions,
    private readonly where: string,
  ) {
    this.headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  }

  /** Id and secret of the session, for another client to go on with it: from now on only `close` ends it. */
  get session(): Session {
    ownSessions.delete(this);
    return {
      id: this.headers["physintuition-session"] ?? "",
      token: this.headers["physintuition-session-token"] ?? "",
    };
  }

  /** Opens a session, or takes over one that exists. */
  async open(client: string, session?: Session): Promise<void> {
    const info = await this.call(() =>
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

  /** Makes one call; while the server cannot be reached it is tried again. */
  async call<T>(attempt: (options: CallOptions) => Promise<T>): Promise<T> {
    const giveUp = Date.now() + (this.options.patience ?? USUAL_PATIENCE);
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        const reply = await attempt({ headers: this.headers });
        this.isReached = true;
        return reply;
      } catch (failure) {
        if (!(failure instanceof ConnectError)) {
          throw failure; // A programming error, which would be repeated in vain.
        }

        const error = this.failureOf(failure);
        this.isReached ||= error.isAnswer;
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
