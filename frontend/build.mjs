// Builds what our pages load, and notes what it was built from. Each script beside this file is one of them.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const house = join(here, "..", "src", "scopekeeper");
const rooms = { "docs.js": "docs" }; // whose shelf a script stands on, where that is not the console's
const entries = readdirSync(here).filter((name) => /\.jsx?$/.test(name)).sort();

// GraphiQL brings two fonts inside its style sheet, half of what the page may weigh, and our pages load none.
const fontless = {
  name: "fontless",
  setup: ({ onLoad }) =>
    onLoad({ filter: /graphiql.dist.style\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    })),
};

const made = await Promise.all(
  entries.map((entry) =>
    build({
      absWorkingDir: here,
      entryPoints: [entry],
      outdir: join(house, rooms[entry] ?? "console", "static"),
      bundle: true,
      minify: true,
      format: "iife",
      target: "es2022",
      charset: "utf8",
      jsx: "automatic",
      // What locks the page below a dialog writes a <style>, which our policy forbids; our own style sheet does it.
      alias: { "react-style-singleton": "./src/explorer/unstyled.js" },
      plugins: [fontless],
      define: { "process.env.NODE_ENV": '"production"' },
      legalComments: "none",
      logOverride: { "direct-eval": "silent" }, // htmx has it for what our pages forbid: allowEval is false
      metafile: true,
    }),
  ),
);
const metafile = {
  inputs: Object.assign({}, ...made.map((each) => each.metafile.inputs)),
  outputs: Object.assign({}, ...made.map((each) => each.metafile.outputs)),
};

const inputs = Object.keys(metafile.inputs).sort();
const inPackage = /^node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//; // its own, where one lies in another
const packages = [...new Set(inputs.map((path) => inPackage.exec(path)?.[1]))].filter(Boolean);

const licences = packages.map((name) => {
  const place = join(here, "node_modules", name);
  const { version, license, repository } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const file = readdirSync(place).find((each) => /^licen[cs]e(\.(md|txt))?$/i.test(each));
  const whence = repository?.url ?? repository;
  const text = file ? readFileSync(join(place, file), "utf8").trim() : `Its package brings no text of it. From ${whence}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(
  join(house, "console", "LICENCES"),
  ["Our pages' scripts contain what follows, beside our own.\n", ...licences].join("\n----\n\n"),
);

const digest = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const listed = (paths) => Object.fromEntries(paths.sort().map((path) => [path, digest(join(here, path))]));
const sources = inputs.filter((path) => !path.startsWith("node_modules/"));
const built = Object.keys(metafile.outputs);
const manifest = {
  packages,
  sources: listed([...sources, "build.mjs", "package.json", "package-lock.json"]),
  built: listed([...built, relative(here, join(house, "console", "LICENCES"))]),
};
writeFileSync(join(here, "built.json"), JSON.stringify(manifest, null, 2) + "\n");
