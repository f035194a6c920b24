// forta-agent against `tocsin replay --rpc`: the same Anvil, the same blocks, the same rule, equal findings required.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { blocks, startChain, transactionsPerBlock } from "./chain.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const runs = Number(process.argv[2] ?? 3);

fetchPeer();
const program = build();
const chain = await startChain(root);
try {
  const configuration = writeConfiguration(chain);
  const measured = { forta: [], tocsin: [] };
  for (let run = 0; run < runs; run++) {
    measured.forta.push(await forta(chain));
    measured.tocsin.push(await tocsin(chain, configuration));
    requireEqual(measured.forta.at(-1).transactions, measured.tocsin.at(-1).transactions);
  }
  report(measured);
} finally {
  chain.stop();
}

function fetchPeer() {
  if (existsSync(join(here, "node_modules/forta-agent")))
    return;
  const npm = spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" });
  if (npm.status !== 0)
    throw new Error("npm could not fetch forta-agent");
}

// As one would ship it: compiled ahead for this machine, so that a short run is not mostly compilation. In a copy,
// because the lock files of the repository are of the build that is not for one machine.
function build() {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-peers-"));
  const isSource = path => !/(^|\/)(bin|obj|packages\.lock\.json)$/.test(path);
  for (const name of ["src", "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig",
    "BannedSymbols.txt"])
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: isSource });
  const publish = spawnSync(
    "dotnet",
    ["publish", "src/Tocsin", "-c", "Release", "-r", runtime(), "--no-self-contained", "-p:PublishReadyToRun=true",
      "-p:RestorePackagesWithLockFile=false", "-o", join(folder, "tocsin"), "--nologo", "-v", "quiet"],
    { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  if (publish.status !== 0)
    throw new Error("the build failed");
  return join(folder, "tocsin", "tocsin");
}

function runtime() {
  return `${process.platform === "darwin" ? "osx" : "linux"}-${process.arch === "arm64" ? "arm64" : "x64"}`;
}

async function forta({ url, token, vault, first, last }) {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-peers-forta-"));
  writeFileSync(join(folder, "forta.config.json"), JSON.stringify({ jsonRpcUrl: url }));
  cpSync(join(here, "bot"), folder, { recursive: true });
  const { output, ...cost } = await timed(
    process.execPath,
    [join(here, "node_modules/forta-agent/dist/cli/index.js"), "run", "--nocache", "--range", `${first}..${last}`],
    {
      cwd: folder,
      env: {
        ...process.env, HOME: folder, NODE_PATH: join(here, "node_modules"), BENCH_TOKEN: token, BENCH_VAULT: vault,
      },
    });
  const found = [...output.matchAll(/^[1-9]\d* findings for transaction (0x[0-9a-f]{64})/gm)].map(match => match[1]);
  return { ...cost, transactions: found };
}

async function tocsin({ url, first, last }, configuration) {
  const findings = join(mkdtempSync(join(tmpdir(), "tocsin-peers-out-")), "findings.jsonl");
  const cost = await timed(
    program,
    ["replay", "--config", configuration, "--rpc", url, "--from", `${first}`, "--to", `${last}`,
      "--findings", findings],
    { cwd: root });
  const found = readFileSync(findings, "utf8").trim().split("\n").filter(Boolean).map(JSON.parse)
    .filter(finding => finding.threat === "large-transfer")
    .map(finding => finding.transaction);
  return { ...cost, transactions: [...new Set(found)] };
}

// Wall time by our own clock; processor time of the client alone, user and system, as the shell's `time` gives it.
function timed(command, commandArguments, options) {
  return new Promise((done, fail) => {
    const began = process.hrtime.bigint();
    const child = spawn(
      "bash",
      ["-c", 'TIMEFORMAT="cpu %U %S"; time "$0" "$@"', command, ...commandArguments],
      { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", data => (output += data));
    child.stderr.on("data", data => (errors += data));
    child.on("close", status => {
      const wallSeconds = Number(process.hrtime.bigint() - began) / 1e9;
      const cpu = errors.match(/cpu ([\d.]+) ([\d.]+)/);
      if (status !== 0 || !cpu)
        return fail(new Error(`${command} ended with ${status}: ${errors}${output.slice(-2000)}`));
      done({ wallSeconds, cpuSeconds: Number(cpu[1]) + Number(cpu[2]), output });
    });
  });
}

function requireEqual(one, other) {
  const [left, right] = [one, other].map(found => [...new Set(found)].sort().join("\n"));
  if (left !== right || left === "")
    throw new Error(`the findings differ: forta-agent ${one.length}, tocsin ${other.length}`);
}

function report(measured) {
  const median = (name, what) =>
    measured[name].map(run => run[what]).sort((a, b) => a - b)[Math.floor(measured[name].length / 2)];
  const wall = median("forta", "wallSeconds") / median("tocsin", "wallSeconds");
  const cpu = median("forta", "cpuSeconds") / median("tocsin", "cpuSeconds");
  console.log(`${blocks} blocks x ${transactionsPerBlock} transactions, `
    + `${measured.forta[0].transactions.length} findings, equal; median of ${measured.forta.length} runs`);
  for (const name of ["forta", "tocsin"])
    console.log(`${name.padEnd(8)} wall ${median(name, "wallSeconds").toFixed(2)} s, `
      + `cpu ${median(name, "cpuSeconds").toFixed(2)} s`);
  console.log(`ratio    wall ${wall.toFixed(1)} x (budget 10), cpu ${cpu.toFixed(1)} x (budget 30)`);
  process.exitCode = wall >= 10 && cpu >= 30 ? 0 : 1;
}

function writeConfiguration({ url, token, vault }) {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-peers-config-"));
  mkdirSync(join(folder, "plan/procedures"), { recursive: true });
  const fill = text => text.replaceAll("{{url}}", url).replaceAll("{{token}}", token).replaceAll("{{vault}}", vault);
  for (const name of ["tocsin.yaml", "plan/plan.yaml", "plan/procedures/look.md"])
    writeFileSync(join(folder, name), fill(readFileSync(join(here, "config", name), "utf8")));
  return folder;
}
