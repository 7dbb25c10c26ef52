// Bundles the part of three.js that the pages use into web/vendor/three.js, which is kept in the repository.
import { readFile, writeFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = process.argv[2] ?? fileURLToPath(new URL("../vendor/three.js", import.meta.url));
const licence = await readFile(here + "node_modules/three/LICENSE", "utf8");
const { version } = JSON.parse(await readFile(here + "node_modules/three/package.json", "utf8"));

const result = await build({
  entryPoints: [here + "entry.js"],
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
  write: false,
});
await mkdir(new URL("../vendor/", import.meta.url), { recursive: true });
await writeFile(target, `/*! three.js ${version}, bundled by ../three/build.mjs.\n${licence.trim()}\n*/\n` +
  result.outputFiles[0].text);
