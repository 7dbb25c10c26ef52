// The engine in this process as a transport: the library of physintuition.h, on a thread of its own. The library's
// replies may be read until that thread's next call, so the thread copies each before it goes on.
import { Worker } from "node:worker_threads";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type {
  DescMessage, DescMethodStreaming, DescMethodUnary, MessageInitShape, MessageShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, encodeBinaryHeader } from "@connectrpc/connect";
import type { StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";
import type { Answer, Question } from "./embedded-worker.js";
import { ErrorSchema } from "./gen/physintuition/v1/environment_pb.js";

/** The address of the engine in this process. */
export const EMBEDDED = "embedded";

const METHODS = [
  "GetServerInfo", "ListTasks", "GetTask", "Create", "Reset", "Step", "Render", "Close", "Snapshot", "Restore", "Fork",
  "Score", "StreamDataset",
]; // in the order of physintuition_method, from 1

const LONG = 2 ** 30; // ms

/** A session of this process's engine; it ends with CloseSession, or with the process. */
export function createEmbeddedTransport(): Transport {
  return new EmbeddedTransport();
}

class EmbeddedTransport implements Transport {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (failure: Error) => void }>();
  private next = 0;
  private alive: ReturnType<typeof setInterval> | undefined; // keeps the program alive while it waits for an answer

  private start(): Worker {
    const worker = new Worker(new URL("./embedded-worker.js", import.meta.url));
    worker.on("message", (answer: Answer) => {
      const waiting = this.settle(answer.id);
      if (answer.failure === undefined) {
        waiting?.resolve(answer);
      } else {
        waiting?.reject(new ConnectError(answer.failure, Code.FailedPrecondition));
      }
    });
    worker.on("error", (failure) => {
      for (const id of [...this.waiting.keys()]) {
        this.settle(id)?.reject(failure);
      }
    });
    return worker;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>, _signal: AbortSignal | undefined, _timeout: number | undefined,
    header: HeadersInit | undefined, input: MessageInitShape<I>,
  ): Promise<UnaryResponse<I, O>> {
    const message = await this.reply(method, input);
    return {
      stream: false, service: method.parent, method, header: new Headers(header), trailer: new Headers(), message,
    };
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>, signal: AbortSignal | undefined, _timeout: number | undefined,
    header: HeadersInit | undefined, input: AsyncIterable<MessageInitShape<I>>,
  ): Promise<StreamResponse<I, O>> {
    return {
      stream: true, service: method.parent, method, header: new Headers(header), trailer: new Headers(),
      message: this.replies(method, signal, input),
    };
  }

  private async reply<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>, input: MessageInitShape<I>,
  ): Promise<MessageShape<O>> {
    switch (method.name) {
      case "OpenSession":
        if ((input as { resumeId?: string }).resumeId) {
          throw new ConnectError("An older session wants a server: the engine is in this process.", Code.NotFound);
        }

        await this.ask({ kind: "open" });
        return create(method.output);
      case "CloseSession":
        await this.ask({ kind: "close" });
        await this.worker?.terminate();
        this.worker = undefined;
        return create(method.output);
    }

    const number = METHODS.indexOf(method.name) + 1;
    if (number === 0) {
      throw new ConnectError(`${method.name} wants a server: the engine is in this process.`, Code.Unimplemented);
    }

    const request = bytesOf(method.input, input);
    return read(method.output, await this.ask({ kind: "call", method: number, request }))!;
  }

  private async *replies<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>, signal: AbortSignal | undefined, input: AsyncIterable<MessageInitShape<I>>,
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    for await (const message of input) {
      const request = bytesOf(method.input, message);
      let answer = await this.ask({ kind: "submit", method: METHODS.indexOf(method.name) + 1, request });
      const ticket = answer.ticket!;
      while (!signal?.aborted) {
        answer = await this.ask({ kind: "poll", ticket });
        const reply = read(method.output, answer);
        if (reply === undefined) {
          break;
        }

        yield reply;
      }
    }
  }

  private ask(question: Omit<Question, "id">): Promise<Answer> {
    const id = this.next++;
    this.alive ??= setInterval(() => undefined, LONG);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      (this.worker ??= this.start()).postMessage({ id, ...question } satisfies Question);
    });
  }

  private settle(id: number) {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) {
      clearInterval(this.alive);
      this.alive = undefined;
      this.worker?.unref(); // An idle engine keeps no program alive.
    }

    return waiting;
  }
}

function bytesOf<I extends DescMessage>(schema: I, input: MessageInitShape<I>): Uint8Array {
  return toBinary(schema, create(schema, input));
}

// undefined: there is no reply any more.
function read<O extends DescMessage>(schema: O, answer: Answer): MessageShape<O> | undefined {
  if (answer.status !== 0 && answer.reply !== undefined) {
    const said = fromBinary(ErrorSchema, answer.reply);
    const detail = { "physintuition-error-bin": encodeBinaryHeader(answer.reply) };
    throw new ConnectError(said.message, answer.status as Code, detail);
  }

  return answer.reply === undefined ? undefined : fromBinary(schema, answer.reply);
}
