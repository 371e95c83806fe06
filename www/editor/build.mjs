// Builds static/editor/editor.js, one ES module, and the licence notice beside it.
// With --check nothing is written: it fails when the committed files differ.
import { build } from "esbuild";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "..", "static", "editor");
const LIMIT = 140 * 1024;

const bundled = await build({
  absWorkingDir: here,
  entryPoints: ["src/editor.js"],
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  // Drops the parser's debugging output, which asks for Node's environment.
  define: { process: "undefined" },
  metafile: true,
  write: false,
  banner: { js: "// Podscope's YAML editor: CodeMirror 6. Built by www/editor; licences in LICENSE.txt." },
});
const code = Buffer.from(bundled.outputFiles[0].contents);

/** The names of the packages that the bundle holds code of. */
function packagesOf(metafile) {
  const [output] = Object.values(metafile.outputs);
  const held = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = held.map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

/** One notice: each licence text once, above it the packages under it. */
function noticeOf(names) {
  const packagesByText = new Map();
  for (const name of names) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file`);
    const text = readFileSync(join(folder, file), "utf8").replace(/\r\n/g, "\n").trim();
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...packagesByText].map(([text, packages]) => `${packages.join("\n")}\n\n${text}\n`);
  return `editor.js holds code of the following packages.\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}`;
}

const files = { "editor.js": code, "LICENSE.txt": Buffer.from(noticeOf(packagesOf(bundled.metafile))) };
const size = gzipSync(code, { level: 9 }).length;
console.log(`editor.js: ${code.length} bytes, ${(size / 1024).toFixed(1)} KB with gzip -9`);
if (size > LIMIT) throw new Error(`the bundle is over ${LIMIT / 1024} KB`);

for (const [name, content] of Object.entries(files)) {
  const path = join(target, name);
  const same = existsSync(path) && readFileSync(path).equals(content);
  if (process.argv.includes("--check")) {
    if (!same) throw new Error(`static/editor/${name} is not what the sources build: run npm run build`);
  } else if (!same) {
    writeFileSync(path, content);
  }
}
