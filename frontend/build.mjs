// Builds what the console's pages load, and notes what it was built from. Each *.js beside this file is one of them.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const house = join(here, "..", "src", "scopekeeper", "console");
const entries = readdirSync(here).filter((name) => name.endsWith(".js")).sort();

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: entries,
  outdir: join(house, "static"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logOverride: { "direct-eval": "silent" }, // htmx has it for what our pages forbid: allowEval is false
  metafile: true,
});

const inputs = Object.keys(metafile.inputs).sort();
const packages = [...new Set(inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]))].filter(Boolean);

const licences = packages.map((name) => {
  const { version, license } = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
  const text = readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(
  join(house, "LICENCES"),
  ["The console's scripts contain what follows, beside our own.\n", ...licences].join("\n----\n\n"),
);

const digest = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const listed = (paths) => Object.fromEntries(paths.sort().map((path) => [path, digest(join(here, path))]));
const sources = inputs.filter((path) => !path.startsWith("node_modules/"));
const built = Object.keys(metafile.outputs);
const manifest = {
  packages,
  sources: listed([...sources, "build.mjs", "package.json", "package-lock.json"]),
  built: listed([...built, relative(here, join(house, "LICENCES"))]),
};
writeFileSync(join(here, "built.json"), JSON.stringify(manifest, null, 2) + "\n");
