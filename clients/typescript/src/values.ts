// What a caller gives, as what the wire carries: exactly, or refused before anything is sent or numbered.
import { Code } from "@connectrpc/connect";
import { PhysIntuitionError } from "./errors.js";

/** A seed has 64 bits; beyond 2^53 it must be a bigint. */
export type Seed = bigint | number;

const SEEDS = 2n ** 64n;
const WHOLES = 2 ** 32;
const LONGEST = 80; // characters of a value that are shown

/** The error for a value that is not sent. */
export function refuse(field: string, value: unknown, rule: string, remedy = ""): PhysIntuitionError {
  const text = typeof value === "string" ? `'${value}'` : String(value);
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  const message = `'${field}' is ${shown}; ${rule}. ${remedy}`.trimEnd();
  return new PhysIntuitionError(message, Code.InvalidArgument, "INVALID_ARGUMENT", field);
}

/** A seed as the wire has it. */
export function toSeed(seed: Seed, field = "seed"): bigint {
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
    throw refuse(field, seed, "it must be a whole number", "Beyond 2^53 give a bigint.");
  }

  if ((typeof seed !== "number" && typeof seed !== "bigint") || seed < 0 || seed >= SEEDS) {
    throw refuse(field, seed, "it must be a whole number in [0, 2^64)");
  }

  return BigInt(seed);
}

/** Seeds, one for each row. */
export function toSeeds(seeds: readonly Seed[]): bigint[] {
  return Array.from(seeds, (seed, row) => toSeed(seed, `seeds[${row}]`));
}

/** A whole number of 32 bits. */
export function toWhole(field: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= WHOLES) {
    throw refuse(field, value, `it must be a whole number in [0, ${WHOLES - 1}]`);
  }

  return value;
}

/** Numbers of slots. */
export function toWholes(field: string, values: readonly number[]): number[] {
  return Array.from(values, (value, place) => toWhole(`${field}[${place}]`, value));
}

/** uint8[slots]; nothing: all slots. */
export function toMask(mask: readonly boolean[] | undefined): Uint8Array {
  return Uint8Array.from(mask ?? [], (value: unknown, slot) => {
    if (value !== true && value !== false && value !== 0 && value !== 1) {
      throw refuse(`mask[${slot}]`, value, "it must be true or false");
    }

    return Number(value);
  });
}

/** Texts of whole Unicode: half a surrogate pair would arrive as another character. */
export function toTexts(field: string, texts: readonly string[]): string[] {
  if (typeof texts === "string") {
    throw refuse(field, texts, "it must be a list with one text for each row", "Give [text].");
  }

  return Array.from(texts, (text: unknown, row) => {
    if (typeof text !== "string") {
      throw refuse(`${field}[${row}]`, text, "it must be a text; numbers come as a Float32Array");
    }

    if (/\p{Surrogate}/u.test(text)) {
      throw refuse(
        `${field}[${row}]`, text, "it must be Unicode; it holds half a character", "Give text.toWellFormed().");
    }

    return text;
  });
}
