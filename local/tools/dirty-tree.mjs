/**
 * `node local/tools/dirty-tree.mjs before` notes how the work tree looks, `… after` fails when checking and generating have
 * changed it: generated files belong into the commit.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './place.mjs';

const NOTE = join(checkout, '.sluice', 'tree-before.json');
const git = (...args) => execFileSync('git', args, { cwd: checkout, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

/** One line for each path that differs from the commit, with a hash of the difference. */
function look() {
  const status = git('status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
  const diff = createHash('sha256').update(git('diff', 'HEAD')).digest('hex');
  return { status, diff };
}

const now = look();
if (process.argv[2] === 'before') {
  mkdirSync(join(checkout, '.sluice'), { recursive: true });
  writeFileSync(NOTE, JSON.stringify(now));
} else {
  const before = JSON.parse(readFileSync(NOTE, 'utf8'));
  const added = now.status.filter((line) => !before.status.includes(line));
  if (added.length > 0 || now.diff !== before.diff) {
    console.error(
      `the check changed the work tree; commit what it generates:\n${(added.length ? added : now.status).join('\n')}`,
    );
    process.exitCode = 1;
  }
}
