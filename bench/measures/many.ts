/** Ten thousand releases that wait for a person: what they cost, and how soon whoever asks for the list or the board has it. */
import type { Program } from '../../local/tools/program.ts';
import { until } from '../../local/tools/until.ts';
import { BOARD_SHOWS, Places, underWay } from '../../src/client/board.ts';
import { CloserLook } from '../../src/client/closer-look.ts';
import { Desks } from '../../src/client/desks.ts';
import { listReleases } from '../../src/client/list.ts';
import { PROMOTION } from '../../src/contract/promotion-workflow.ts';
import { WAITING_FOR } from '../../src/contract/search-attributes.ts';
import { burdenOver, coresFigure, memoryFigure } from '../burden.ts';
import type { Counts, Figure, Target } from '../figures.ts';
import { contentOf } from '../journey/content.ts';
import { begin } from '../journey/releases.ts';
import { canMeasure } from '../process-usage.ts';
import { progress } from '../progress.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { median } from '../statistics.ts';
import { timed } from '../timed.ts';

const PATH = ['production'];
/** Started at once; as many again when these wait. */
const WAVE = 200;
const ASKED = 20;
const SOON: Target = { atMost: 300 };
const WAITING = `WorkflowType = '${PROMOTION}' AND ${WAITING_FOR.name} = 'approval'`;

/** As `docs/production.md` has it for a worker that is to use little memory. */
const SMALL = {
  cachedWorkflows: 10,
  variables: { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=160', MALLOC_ARENA_MAX: '2' },
} as const;

function settingOf(counts: Counts): WorkerSetting {
  return {
    ...{ side: 'engine', path: PATH, approvals: PATH, locks: [], services: counts.many, slow: [], slowMs: 0 },
    heartbeatMs: 10_000,
    // a question must outlast the start of all the others
    approvalForMs: 24 * 60 * 60_000,
  };
}

/** All are started; what worker and server use before and after, where that can be measured. */
async function fill(rig: Rig, worker: Program, counts: Counts) {
  const burden = async () => (canMeasure ? burdenOver(rig, worker, counts.idleMs) : undefined);
  const idle = await burden();
  const beganMs = performance.now();
  const waiting = await startAll(rig, counts);
  const tookMs = performance.now() - beganMs;
  return { idle, waiting, tookMs, full: await burden() };
}

/** The same with a worker that was told to use little memory: what that costs is how long it takes to start them all. */
export async function measureSmall(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const worker = await rig.startWorker({ ...settingOf(counts), ...SMALL });
  try {
    const { idle, waiting, tookMs, full } = await fill(rig, worker, counts);
    if (idle === undefined || full === undefined) return [];
    const named = (what: string) => ({
      measurement: 'small',
      figure: `${waiting} releases waiting, a small worker: ${what}`,
    });
    return [
      coresFigure(named('above idle'), 'worker', full, idle, 0.01),
      memoryFigure(named('memory above one that has just started'), full, idle, 50),
      { ...named('until all of them waited'), value: tookMs / 1_000, unit: 's', from: { started: waiting } },
    ];
  } finally {
    await worker.stop();
  }
}

export async function measureMany(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const worker = await rig.startWorker(settingOf(counts));
  try {
    const { idle, waiting, tookMs, full } = await fill(rig, worker, counts);
    const named = (what: string) => ({ measurement: 'many', figure: `${waiting} releases waiting: ${what}` });
    const answers = [
      await answering(named('the list of the newest, median'), () => listReleases(rig.engine), SOON),
      await answering(named('the board as people see it, asked the first time, median'), () => board(rig), SOON),
      await answering(named('all of the board, as JSON has it, median'), () => whole(rig)),
    ];
    if (idle === undefined || full === undefined) return answers;
    return [
      coresFigure(named('worker above idle'), 'worker', full, idle, 0.01),
      coresFigure(named('server above idle'), 'server', full, idle),
      memoryFigure(named('worker’s memory above a worker that has just started'), full, idle, 50),
      { ...named('until all of them waited'), value: tookMs / 1_000, unit: 's', from: { started: waiting } },
      ...answers,
    ];
  } finally {
    await worker.stop();
  }
}

/** Everything that `sluice board` asks for: the newest with what they say of themselves, how many there are, and what the desks say. */
async function board({ engine }: Rig): Promise<void> {
  const places = new Places(engine).read({ newest: BOARD_SHOWS });
  const looked = places.then((found) => new CloserLook(engine).at(found));
  await Promise.all([looked, underWay(engine), new Desks(engine).read()]);
}

async function whole({ engine }: Rig): Promise<void> {
  await new Places(engine).read();
}

/** How many wait in the end: a machine that is too slow for all of them gives the figures of as many as it managed. */
async function startAll(rig: Rig, counts: Counts): Promise<number> {
  const say = progress('many');
  const endMs = performance.now() + counts.manyForMs;
  let started = 0;
  while (started < counts.many && performance.now() < endMs) {
    const wave = Array.from({ length: Math.min(WAVE, counts.many - started) }, (_, at) => started + at);
    await Promise.all(wave.map(async (index) => begin(rig.engine, await contentOf(PATH, index))));
    started += wave.length;
    const isAsked = async () => (await rig.client.workflow.count(WAITING)).count === started;
    await until(isAsked, { what: `${started} releases wait`, timeoutMs: counts.manyForMs, everyMs: 50 });
    say(`${started} of ${counts.many} releases wait`);
  }
  return started;
}

async function answering(
  named: Pick<Figure, 'measurement' | 'figure'>,
  ask: () => Promise<unknown>,
  target?: Target,
): Promise<Figure> {
  const samples: number[] = [];
  for (let nth = 0; nth < ASKED; nth += 1) samples.push(await timed(ask));
  const from = { samples: ASKED, firstMs: Math.round(samples[0] ?? 0), longestMs: Math.round(Math.max(...samples)) };
  return { ...named, value: median(samples), unit: 'ms', ...(target === undefined ? {} : { target }), from };
}
