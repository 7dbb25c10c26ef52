// The thread that calls the library: see embedded.ts.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import type { KoffiFunc } from "koffi";

/** What the thread is asked. */
export interface Question {
  readonly id: number;
  readonly kind: "open" | "call" | "submit" | "poll" | "close";
  readonly method?: number;
  readonly request?: Uint8Array;
  readonly ticket?: number | bigint;
}

/** What it answers: a reply, an error's bytes with a status, a failure of the library itself, or nothing any more. */
export interface Answer {
  readonly id: number;
  readonly status: number;
  readonly reply?: Uint8Array;
  readonly ticket?: number | bigint;
  readonly failure?: string;
}

interface Engine {
  readonly call: KoffiFunc<(...words: unknown[]) => unknown>;
  readonly submit: KoffiFunc<(...words: unknown[]) => unknown>;
  readonly poll: KoffiFunc<(...words: unknown[]) => unknown>;
  readonly close: KoffiFunc<(...words: unknown[]) => unknown>;
  readonly view: (data: unknown, length: number) => ArrayBuffer;
  readonly session: unknown;
}

const END = -2;
const WIDE = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];
let engine: Engine | undefined;

parentPort!.on("message", (question: Question) => {
  void answer(question).then(
    (said) => parentPort!.postMessage({ id: question.id, status: 0, ...said } satisfies Answer));
});

async function answer(question: Question): Promise<Omit<Answer, "id" | "status"> & { status?: number }> {
  try {
    if (question.kind === "open") {
      engine ??= await open();
      return {};
    }

    if (engine === undefined) {
      return { failure: "The session is closed. Connect again." };
    }

    const [request, bytes] = [question.request, {} as { data?: unknown; length?: number | bigint }];
    switch (question.kind) {
      case "call":
        return told(engine.call(engine.session, question.method, request, request!.length, bytes) as number, bytes);
      case "submit":
        return { ticket: engine.submit(engine.session, question.method, request, request!.length) as number | bigint };
      case "poll": {
        const status = engine.poll(engine.session, question.ticket, -1, bytes) as number;
        return status === END ? {} : told(status, bytes);
      }
      case "close":
        engine.close(engine.session);
        engine = undefined;
        return {};
    }
  } catch (failure) {
    return { failure: (failure as Error).message };
  }
}

function told(status: number, bytes: { data?: unknown; length?: number | bigint }) {
  const length = Number(bytes.length);
  // Copied: the library writes its next reply to the same place.
  const reply = length === 0 ? new Uint8Array() : new Uint8Array(engine!.view(bytes.data, length)).slice();
  return { status, reply };
}

async function open(): Promise<Engine> {
  const file = find();
  const { default: koffi } = await import("koffi").catch(() => {
    throw new Error("The engine in this process takes the package koffi: npm install koffi.");
  });
  const library = koffi.load(file);
  koffi.struct("physintuition_bytes", { data: "void *", length: "size_t" });
  const request = "void *session, int32_t method, const uint8_t *request, size_t length";
  const start = library.func("void *physintuition_open(const char *settings)");
  const session = start(process.env.PHYSINTUITION_ENGINE || null) as unknown;
  if (session === null) {
    const why = library.func("const char *physintuition_last_error()")() as string;
    throw new Error(`The engine does not start: ${why} See PHYSINTUITION_ENGINE.`);
  }

  return {
    call: library.func(`int32_t physintuition_call(${request}, _Out_ physintuition_bytes *reply)`),
    submit: library.func(`uint64_t physintuition_submit(${request})`),
    poll: library.func(
      "int32_t physintuition_poll(void *session, uint64_t number, int32_t wait, _Out_ physintuition_bytes *reply)"),
    close: library.func("void physintuition_close(void *session)"),
    view: (data, length) => koffi.view(data, length),
    session,
  };
}

// The file that is named, else the one that a checkout has built, for this processor.
function find(): string {
  const named = process.env.PHYSINTUITION_LIBRARY;
  if (named) {
    return named;
  }

  const names = hasAvx512() ? ["libphysintuition-avx512.so", "libphysintuition.so"] : ["libphysintuition.so"];
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const found = names.map((name) => join(folder, "artifacts/embedded", name)).find((file) => existsSync(file));
    if (found !== undefined && existsSync(join(folder, "PhysIntuition.sln"))) {
      return found;
    }
  }

  throw new Error("This installation has no embedded engine. Name the file that './physintuition setup embedded' makes " +
    "in PHYSINTUITION_LIBRARY, or a server as address or in PHYSINTUITION_SERVER.");
}

function hasAvx512(): boolean {
  try {
    const flags = /^flags.*$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[0].split(/\s+/) ?? [];
    return WIDE.every((flag) => flags.includes(flag));
  } catch {
    return false;
  }
}
