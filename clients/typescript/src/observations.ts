import { DataType, PictureEncoding } from "./gen/physintuition/v1/environment_pb.js";
import type { Observation as Message, ObservationRequest, Tensor } from "./gen/physintuition/v1/environment_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { toTexts, toWhole } from "./values.js";
import type { ObservationRequestSchema } from "./gen/physintuition/v1/environment_pb.js";

/** Elements of a tensor; the type follows the observation's. */
export type Elements = Uint8Array | Int32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array;

const ARRAYS = {
  [DataType.UINT8]: Uint8Array,
  [DataType.INT32]: Int32Array,
  [DataType.INT64]: BigInt64Array,
  [DataType.UINT64]: BigUint64Array,
  [DataType.FLOAT32]: Float32Array,
  [DataType.FLOAT64]: Float64Array,
} as const;

const ENCODINGS = { raw: PictureEncoding.RAW, png: PictureEncoding.PNG, jpeg: PictureEncoding.JPEG } as const;

/** How pictures come: as tensors, or as one file for each row. */
export type Encoding = keyof typeof ENCODINGS;

/** Which observations are wanted; nothing else is computed or sent. */
export interface Observe {
  /** "rgb", "depth", "segmentation", "state", "prompt", "info", "seed", ... as the task lists them. */
  readonly observe?: readonly string[];
  /** Pixels; 224 unless told otherwise. */
  readonly width?: number;
  readonly height?: number;
  /** "raw" unless told otherwise. */
  readonly encoding?: Encoding;
  /** Turns of "messages": "new", "all" or a number of the user's last ones; "new" unless told otherwise. */
  readonly history?: "new" | "all" | number;
}

/** A tensor with the rows first, for example uint8[rows, height, width, 3]. Over the message's own bytes. */
export interface TensorObservation {
  readonly kind: "tensor";
  readonly shape: readonly number[];
  readonly data: Elements;
}

/** One PNG or JPEG file for each row. */
export interface PictureObservation {
  readonly kind: "pictures";
  readonly files: readonly Uint8Array[];
}

/** One text for each row; "info" and "expert" hold JSON. */
export interface TextObservation {
  readonly kind: "texts";
  readonly texts: readonly string[];
}

/** One named observation of all rows. */
export type Observation = TensorObservation | PictureObservation | TextObservation;

/** Observations by name, in the order in which they were asked for. */
export class Observations extends Map<string, Observation> {
  /** Reads the observations of a reply. */
  static from(messages: readonly Message[]): Observations {
    return new Observations(messages.map((message) => [message.name, read(message)]));
  }

  /** A tensor. @throws RangeError it was not asked for, or has another form. */
  tensor(name: string): TensorObservation {
    return this.one(name, "tensor");
  }

  /** Texts, one for each row. @throws RangeError it was not asked for, or has another form. */
  texts(name: string): readonly string[] {
    return this.one<TextObservation>(name, "texts").texts;
  }

  /** Picture files, one for each row. @throws RangeError it was not asked for, or has another form. */
  files(name: string): readonly Uint8Array[] {
    return this.one<PictureObservation>(name, "pictures").files;
  }

  private one<T extends Observation>(name: string, kind: T["kind"]): T {
    const found = this.get(name);
    if (found === undefined) {
      throw new RangeError(`There is no observation '${name}'; asked for were ${[...this.keys()].join(", ") || "none"}.`);
    }

    if (found.kind !== kind) {
      throw new RangeError(`Observation '${name}' is of kind '${found.kind}', not '${kind}'.`);
    }

    return found as T;
  }
}

/** What is wanted, as a message; absent where nothing is. */
export function toRequest(observe: Observe): MessageInitShape<typeof ObservationRequestSchema> {
  return {
    names: toTexts("observe", observe.observe ?? []),
    width: toWhole("width", observe.width ?? 0),
    height: toWhole("height", observe.height ?? 0),
    encoding: ENCODINGS[observe.encoding ?? "raw"],
    history: String(observe.history ?? ""),
  } satisfies Partial<ObservationRequest>;
}

function read(message: Message): Observation {
  switch (message.content.case) {
    case "tensor":
      return { kind: "tensor", shape: message.content.value.shape, data: elements(message.content.value) };
    case "pictures":
      return { kind: "pictures", files: message.content.value.files };
    default:
      return { kind: "texts", texts: message.content.value?.values ?? [] };
  }
}

/** Little-endian numbers over the bytes of a message; copied only where the bytes lie unaligned. */
export function elements(tensor: Pick<Tensor, "type" | "data">): Elements {
  const array = ARRAYS[tensor.type as keyof typeof ARRAYS];
  const size = array.BYTES_PER_ELEMENT;
  const data = tensor.data.byteOffset % size === 0 ? tensor.data : tensor.data.slice();
  return new array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / size);
}
