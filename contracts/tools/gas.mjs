// Measures what the brake costs (contracts/test/gas), commits it to contracts/snapshots, and shows it as one table in
// docs/contracts.md. `--check` measures nothing: `npm test` does that, and this only holds the table to the numbers.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forge } from './forge.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const document = join(root, 'docs', 'contracts.md');
const groups = ['pay', 'take', 'mint', 'queue', 'attestation'];
const title = '| transaction | at first | of which added | again | of which added |';

function measure() {
  const options = ['test', '--match-path', 'contracts/test/gas/*', '--gas-snapshot-emit=true'];
  if (forge(options, { stdio: 'inherit' }).status !== 0) process.exit(1);
}

function table() {
  return [title, '|---|--:|--:|--:|--:|', ...groups.flatMap(rows)].join('\n');
}

/** The rows of one group, the cheapest first, beside its bare movement if it has one. */
function rows(group) {
  const costs = JSON.parse(readFileSync(join(root, 'contracts', 'snapshots', `${group}.json`), 'utf8'));
  const names = new Set(Object.keys(costs).map(key => key.replace(/, (first|again)$/, '')));
  const cost = (name, when) => Number(costs[`${name}, ${when}`]);
  return [...names].sort((a, b) => cost(a, 'again') - cost(b, 'again')).map(name => {
    const cells = ['first', 'again'].flatMap(when => [cost(name, when), cost(name, when) - cost('bare', when)]);
    return `| ${group}: ${name} | ${cells.map(shown).join(' | ')} |`;
  });
}

function shown(gas) {
  return gas ? String(gas).replace(/(?=(\d{3})+$)\B/g, ',') : '';
}

/** The document with its table replaced. */
function expected(text) {
  const lines = text.split('\n');
  const start = lines.indexOf(title);
  const end = start + lines.slice(start).findIndex(line => !line.startsWith('|'));
  return [...lines.slice(0, start), table(), ...lines.slice(end)].join('\n');
}

const check = process.argv.includes('--check');
if (!check) measure();
const text = readFileSync(document, 'utf8').replaceAll('\r\n', '\n');
if (!check) writeFileSync(document, expected(text));
else if (text !== expected(text)) {
  console.error('The table of gas in docs/contracts.md is not that of contracts/snapshots: run `npm run gas`.');
  process.exit(1);
}
