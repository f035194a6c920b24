// Proves that the tests notice when a gate or a check is gone: for every call of the gate in the demo and the examples,
// and every check in {Gate} and in what it asks, there is a mutant without it, and each must break a test.
//
// The mutants are found in the sources, so there is no list to keep but that of those which change nothing (below):
//   gate removed     `_gate(...)` is true; `_take` and `_pay` move the tokens, and neither ask, count nor lock
//   it never holds   the condition of an `if` or of a `? :`, or one part of an `||`
//   it always holds  one part of an `&&`
//   left out         a modifier (roles, reentrancy lock), or a statement that calls `_require...` or the like
//
// They are all compiled together into a copy of the sources and switched on one at a time (see mutations.mjs), so a
// mutant costs a run of the tests: the nearest folder first, without invariants and with few random inputs; what
// survives meets all folders, and then again with as many inputs as usual. Tests of gas are left out: a switch costs
// some.
//
//   npm run mutants                      all
//   npm run mutants -- --list            only says which there are
//   npm run mutants -- --only Gate.sol   those whose line, as --list shows it, fits the regular expression

import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coinbaseOf, modifiersOf, mutantsOf, rewritten, switchSource } from './mutations.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const guardOfLibrary = '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';

/** The tests nearest to a source, as a path pattern; those of a source that is not named here are all. */
const nearest = {
  'Attestations.sol': 'limits',
  'Compensation.sol': 'recovery',
  'EmergencyControls.sol': 'controls',
  'Feeds.sol': 'peg',
  'Gate.sol': 'controls',
  'Governed.sol': '{recovery,limits}',
  'Heartbeats.sol': 'controls',
  'IncidentRegistry.sol': 'registry',
  'Loosening.sol': '{limits,peg,queue}',
  'Migrations.sol': 'recovery',
  'OutflowLimits.sol': 'limits',
  'PegGate.sol': 'peg',
  'Roles.sol': 'controls',
  'Scopes.sol': 'controls',
  'TwoPersons.sol': '{controls,recovery,queue}',
  'WithdrawalQueue.sol': 'queue',
  demo: 'demo',
  examples: 'examples',
};

/** Mutants that change nothing, and why; `code` and `change` as --list shows them. */
const equivalent = [
  {
    file: 'EmergencyControls.sol',
    code: 'startedAt != 0',
    change: '&& it always holds',
    why: 'an episode of 1970 is over on every chain',
  },
];

const few = { FOUNDRY_FUZZ_RUNS: '16', FOUNDRY_INVARIANT_RUNS: '2', FOUNDRY_INVARIANT_DEPTH: '32' };
const many = { FOUNDRY_FUZZ_RUNS: '256', FOUNDRY_INVARIANT_RUNS: '32', FOUNDRY_INVARIANT_DEPTH: '96' };
/** Tests of what a call costs, which the switch and the missing optimiser change; beside those in files named Gas. */
const measured = '_costs_less_than_|_writes_one_slot_';
const secondsARun = 240;

/** The sources to mutate, with their mutants; numbers start at 1, since coinbase 0 is nobody's. */
function sources() {
  const files = ['src', 'demo', 'examples'].flatMap(folder => readdirSync(join(root, 'contracts', folder))
    .filter(file => file.endsWith('.sol')).map(file => `contracts/${folder}/${file}`));
  const texts = new Map(files.map(file => [file, readFileSync(join(root, file), 'utf8')]));
  const library = readFileSync(join(root, 'node_modules', guardOfLibrary), 'utf8');
  const ours = [...texts].filter(([file]) => file.startsWith('contracts/src/')).map(([, text]) => text);
  const modifiers = [library, ...ours].flatMap(modifiersOf);
  let number = 0;
  const found = [...texts].map(([file, text]) => {
    const isOurs = file.startsWith('contracts/src/');
    const what = { gates: !isOurs || file.endsWith('/Gate.sol'), checks: isOurs, modifiers };
    const mutants = !isOurs && !/\bGate\b/.test(text) ? [] : mutantsOf(text, what);
    return { file, text, mutants: mutants.map(mutant => named(file, text, mutant, ++number)) };
  });
  return { files: found, library, modifiers };
}

function named(file, text, mutant, number) {
  const line = text.slice(0, mutant.at).split('\n').length;
  return { ...mutant, number, file, name: `${file}:${line} ${mutant.code} -- ${mutant.change}` };
}

/** A copy of the repository's contracts with all mutants in it. */
function writeCopy(folder, { files, library, modifiers }) {
  const skipped = ['artifacts', 'cache', 'out'].map(name => join(root, 'contracts', name));
  for (const part of ['contracts', 'scenarios']) {
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: path => !skipped.includes(path) });
  }
  cpSync(join(root, 'foundry.toml'), join(folder, 'foundry.toml'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // What a test says of its own runs would outdo the few of ours.
  const tests = join(folder, 'contracts/test');
  for (const path of readdirSync(tests, { recursive: true }).filter(path => path.endsWith('.sol'))) {
    const file = join(tests, path);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/forge-config: default\.(invariant|fuzz)\..*/g, ''));
  }
  for (const { file, text, mutants } of files) {
    if (mutants.length === 0 && !file.startsWith('contracts/src/')) continue;
    const source = rewritten(text, mutants, modifiers).replace(guardOfLibrary, './LibraryGuard.sol');
    writeFileSync(join(folder, file), source);
  }
  writeFileSync(join(folder, 'contracts/src/MutantSwitch.sol'), switchSource);
  writeFileSync(join(folder, 'contracts/src/LibraryGuard.sol'),
    rewritten(library.replace('./TransientSlot.sol', `${dirname(guardOfLibrary)}/TransientSlot.sol`), [], modifiers));
}

/** Compiles once; each worker then gets a copy of its own, as a run of forge writes files. */
function compile(folder) {
  const run = spawnSync(forge(), ['test', '--list'], { cwd: folder, encoding: 'utf8', env: environment() });
  if (run.status !== 0) fail(`${run.stdout}${run.stderr}\nThe mutants do not compile.`);
}

/** Runs tests against one mutant (0: none) and says which failed, and how many passed. */
function test(folder, number, pattern, amounts, leftOut) {
  const cache = join(folder, 'contracts/cache');
  for (const kept of ['fuzz', 'invariant']) rmSync(join(cache, kept), { recursive: true, force: true });
  const options = ['test', '--fail-fast', '--code-size-limit', `${1 << 20}`, '--threads', '1',
    '--no-match-path', '*Gas.t.sol', '--no-match-test', measured,
    '--match-path', `contracts/test/${pattern}/*`, ...(leftOut ? ['--no-match-contract', leftOut] : [])];
  const env = environment({ ...amounts, FOUNDRY_BLOCK_COINBASE: coinbaseOf(number) });
  return new Promise(done => {
    const run = spawn(forge(), options, { cwd: folder, env, timeout: secondsARun * 1000 });
    let output = '';
    run.stdout.on('data', data => output += data);
    run.stderr.on('data', data => output += data);
    run.on('close', () => {
      const failures = [...output.matchAll(/^\[FAIL.*\] (\w+)/gm)].map(([, name]) => name);
      const passed = output.match(/^\[PASS\]/gm)?.length ?? 0;
      const hasRun = failures.length + passed > 0 && !/^Compiling/m.test(output);
      if (!hasRun) fail(`${output}\nThe tests of ${pattern} did not run.`);
      done({ failures, passed, output });
    });
  });
}

/** Whether a test fails for a mutant: first those next to it, then all of them. */
async function isKilled(folder, mutant) {
  const own = nearest[basename(mutant.file)] ?? nearest[mutant.file.split('/')[1]];
  const tries = [[own ?? '*', few, 'Invariant'], ['*', few], ...(isEquivalent(mutant) ? [] : [['*', many]])];
  for (const [pattern, amounts, leftOut] of tries) {
    const { failures } = await test(folder, mutant.number, pattern, amounts, leftOut);
    if (failures.length > 0) return true;
  }
  return false;
}

async function run(mutants, folder) {
  compile(folder);
  const folders = Array.from({ length: Math.min(availableParallelism(), 4) }, (_, i) => `${folder}-${i}`);
  for (const copy of folders) cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  const { failures, output } = await test(folders[0], 0, '*', few);
  if (failures.length > 0) fail(`${output}\nThe tests fail without any mutant.`);
  const waiting = [...mutants], survivors = [];
  await Promise.all(folders.map(async copy => {
    for (let mutant; (mutant = waiting.shift());) {
      if (await isKilled(copy, mutant)) continue;
      survivors.push(mutant);
      if (!isEquivalent(mutant)) console.log(`SURVIVED: ${mutant.name}`);
    }
  }));
  return survivors;
}

function isEquivalent(mutant) {
  return equivalent.some(entry => fits(entry, mutant));
}

function fits({ file, code, change }, mutant) {
  return mutant.file.endsWith(`/${file}`) && mutant.code === code && mutant.change === change;
}

/** Entries of the list that say what is not so (any more). */
function wrong(all, run, survivors) {
  return equivalent.flatMap(entry => {
    const named = `${entry.file} ${entry.code} -- ${entry.change}`;
    if (!all.some(mutant => fits(entry, mutant))) return `Listed as equivalent, but not there: ${named}`;
    const broke = run.filter(mutant => fits(entry, mutant) && !survivors.includes(mutant));
    return broke.map(mutant => `Listed as equivalent, but it breaks a test: ${mutant.name}`);
  });
}

/** Not optimised, which compiles faster and does the same. */
function environment(more = {}) {
  return { ...process.env, FOUNDRY_SCRIPT: 'contracts/none', FOUNDRY_OPTIMIZER: 'false', NO_COLOR: '1', ...more };
}

function forge() {
  return join(root, 'node_modules', '.bin', 'forge');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const found = sources();
const all = found.files.flatMap(({ mutants }) => mutants);
const only = process.argv.includes('--only') ? new RegExp(process.argv[process.argv.indexOf('--only') + 1]) : /^/;
const chosen = all.filter(({ name }) => only.test(name));
if (chosen.length === 0) fail('No mutant has such a name.');
if (process.argv.includes('--list')) {
  for (const { name } of chosen) console.log(name);
  process.exit();
}
if (!existsSync(forge())) fail('forge is not installed: run `npm install` first.');

const work = mkdtempSync(join(tmpdir(), 'mutants-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
writeCopy(join(work, 'all'), found);
const survivors = await run(chosen, join(work, 'all'));
const problems = wrong(all, chosen, survivors);
for (const problem of problems) console.log(problem);
const counted = chosen.filter(mutant => !isEquivalent(mutant));
const broke = counted.filter(mutant => !survivors.includes(mutant));
console.log(`${chosen.length - counted.length} left out of the count: they change nothing, see the script.`);
console.log(`${counted.length - broke.length} survived`);
console.log(`${broke.length} of ${counted.length} mutants broke a test`);
process.exitCode = broke.length === counted.length && problems.length === 0 ? 0 : 1;
