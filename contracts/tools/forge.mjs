// Runs forge itself and ends with its exit code: the starter that its package puts into `.bin` always ends with 0, so
// whoever asks that one whether something failed hears no.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const architecture = { x64: 'amd64' }[process.arch] ?? process.arch;
const binary = process.platform === 'win32' ? 'forge.exe' : 'forge';

/** What `spawnSync` says of a run of forge in the repository's root. */
export function forge(options, spawning) {
  const require = createRequire(import.meta.url);
  const path = require.resolve(`@foundry-rs/forge-${process.platform}-${architecture}/bin/${binary}`);
  return spawnSync(path, options, { cwd: root, ...spawning });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(forge(process.argv.slice(2), { stdio: 'inherit' }).status ?? 1);
}
