import { Code, ConnectError, decodeBinaryHeader } from "@connectrpc/connect";
import { ErrorSchema } from "./gen/physintuition/v1/environment_pb.js";

const TRAILER = "physintuition-error-bin";

// What a broken connection looks like, in Node and in browsers, where the server itself has said nothing.
const BROKEN = [Code.Unavailable, Code.Aborted, Code.Unknown, Code.Internal, Code.Canceled];

/** A failure that the caller can understand and fix: field, value, rule and remedy. */
export class PhysIntuitionError extends Error {
  override readonly name = "PhysIntuitionError";

  /**
   * @param code the gRPC status code.
   * @param reason stable, for programs: "OUT_OF_RANGE", "SESSION_EXPIRED"; may be empty.
   * @param field the request field at fault, in the protocol's spelling; may be empty.
   * @param retryAfter ms after which a retry makes sense; 0: not before something else changes.
   * @param isAnswer the server said it; false: the connection broke, and nobody knows whether the call was carried out.
   */
  constructor(
    message: string,
    readonly code: Code,
    readonly reason = "",
    readonly field = "",
    readonly retryAfter = 0,
    readonly isAnswer = true,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** What a failed call said. */
  static from(failure: unknown): PhysIntuitionError {
    const error = ConnectError.from(failure);
    const trailer = error.metadata.get(TRAILER);
    const cause = { cause: error };
    if (trailer === null) {
      const isAnswer = !BROKEN.includes(error.code);
      return new PhysIntuitionError(error.rawMessage, error.code, "", "", 0, isAnswer, cause);
    }

    const said = decodeBinaryHeader(trailer, ErrorSchema);
    const isAnswer = said.code !== Code.Unavailable && said.code !== Code.Canceled;
    return new PhysIntuitionError(said.message, said.code, said.reason, said.field, said.retryAfterMs, isAnswer, cause);
  }
}
