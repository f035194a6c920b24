// Compiles our deployable contracts and writes each one's ABI and bytecode to contracts/artifacts, where they are
// committed, so that nobody needs a Solidity compiler to deploy. `--check` writes nothing and fails when they differ.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forge } from './forge.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
// Compiled apart: what is compiled together can move the optimiser's choices, and tests must not change what ships.
const groups = [['contracts/src', 'contracts/demo', 'scenarios'], ['contracts/test/adapters']];
const compiled = join(root, 'contracts', 'out');
const artifacts = join(root, 'contracts', 'artifacts');

/** Runs forge and ends the process with its messages when it fails. */
function compile(sources) {
  if (!existsSync(join(root, 'node_modules'))) fail('forge is not installed: run `npm install` first.');
  const run = forge(['build', '--force', ...sources], { encoding: 'utf8' });
  if (run.status !== 0) fail(`${run.stdout}${run.stderr}\nThe contracts do not compile.`);
}

/** The text of every artifact by its file name. */
function expected() {
  const texts = new Map();
  for (const sources of groups) {
    compile(sources);
    collect(sources, texts);
  }
  return new Map([...texts].sort(([a], [b]) => order(a, b)));
}

/** Adds what forge wrote for these folders; interfaces and abstract contracts have no code. */
function collect(sources, texts) {
  for (const path of readdirSync(compiled, { recursive: true })) {
    if (!path.endsWith('.json') || path.startsWith('build-info')) continue;
    const { abi, bytecode, metadata } = JSON.parse(readFileSync(join(compiled, path), 'utf8'));
    const [source, contract] = Object.entries(metadata?.settings?.compilationTarget ?? {})[0] ?? [];
    const ours = source && sources.some(folder => source.startsWith(`${folder}/`)) && existsSync(join(root, source));
    if (!ours || bytecode.object === '0x') continue;
    const file = `${contract}.json`;
    if (texts.has(file)) fail(`Two contracts are named ${contract}; rename one.`);
    texts.set(file, text({ contract, source, abi: sorted(abi), bytecode: bytecode.object }));
  }
}

/** Kind before name before inputs, so that moving a function within a source changes nothing here. */
function sorted(abi) {
  const key = entry => `${entry.type} ${entry.name ?? ''}(${(entry.inputs ?? []).map(input => input.type)})`;
  return abi.toSorted((a, b) => order(key(a), key(b)));
}

/** By code unit and not by locale: the same on every machine. */
function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One line per ABI entry: short, and a change shows as one line. */
function text({ contract, source, abi, bytecode }) {
  const lines = abi.map(entry => `    ${JSON.stringify(entry)}`).join(',\n');
  return `{
  "contract": ${JSON.stringify(contract)},
  "source": ${JSON.stringify(source)},
  "abi": [\n${lines}\n  ],
  "bytecode": ${JSON.stringify(bytecode)}\n}\n`;
}

function present() {
  return existsSync(artifacts) ? readdirSync(artifacts).filter(file => file.endsWith('.json')) : [];
}

function write(texts) {
  mkdirSync(artifacts, { recursive: true });
  for (const file of present()) if (!texts.has(file)) rmSync(join(artifacts, file));
  for (const [file, content] of texts) writeFileSync(join(artifacts, file), content);
  console.log(`Wrote ${texts.size} artifacts: ${[...texts.keys()].map(contractOf).join(', ')}.`);
}

function check(texts) {
  const files = present();
  const problems = [];
  for (const [file, content] of texts) {
    const source = JSON.parse(content).source;
    if (!files.includes(file)) problems.push(`${contractOf(file)} (${source}) has no artifact.`);
    else if (read(file) !== content) problems.push(`${contractOf(file)} (${source}) differs from its artifact.`);
  }
  for (const file of files) if (!texts.has(file)) problems.push(`${contractOf(file)} has an artifact but no source.`);
  if (problems.length > 0) fail(`${problems.join('\n')}\nRun \`npm run build\` and commit contracts/artifacts.`);
  console.log(`${texts.size} artifacts equal their sources.`);
}

/** A check-out may have turned line ends into CRLF; that is no difference. */
function read(file) {
  return readFileSync(join(artifacts, file), 'utf8').replaceAll('\r\n', '\n');
}

function contractOf(file) {
  return file.slice(0, -'.json'.length);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (process.argv.includes('--check')) check(expected());
else write(expected());
