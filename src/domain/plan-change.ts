/** What is another one between two plans of the same promotion, for the people who are asked again. */
import { groupsInWords } from './groups-in-words.ts';
import { cutAfter } from './plain-text.ts';
import type { ApprovalRule } from './rulebook.ts';

export interface PlanChange {
  /** In a word or a few: "manifests". */
  readonly what: string;
  readonly was: string;
  readonly is: string;
}

/** Of a plan what can be compared, and what it would replace. */
export interface Comparable {
  readonly plan: {
    readonly approval?: ApprovalRule;
    readonly onTopOf?: string;
    readonly steps: readonly { readonly step: string; readonly does: string; readonly skipped?: string }[];
  };
  readonly baseline: { readonly current?: { readonly version: string } };
}

/** How people call what a plan says; what is missing here is called as in the plan. */
const NAMES: Readonly<Record<string, string>> = {
  policyVersion: 'version of the rules',
  authors: 'who made the image',
  namespace: 'namespace',
  workloads: 'what rolls out',
  lockImages: 'locking of images',
  rollOutTimeoutMs: 'time to roll out',
  turns: 'taking turns',
};

/** Said in words of their own. */
const APART = ['steps', 'approval', 'onTopOf'];
const LONGEST = 200;

/** In the order in which people care. Empty: nothing that can be named. */
export function planChanges(before: Comparable, after: Comparable): readonly PlanChange[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => !APART.includes(key));
  const plain = keys.flatMap((key) => change(NAMES[key] ?? key, inWords(was[key]), inWords(is[key])));
  const said = [
    ...plain,
    ...approvalChange(before, after),
    ...gatesChange(before, after),
    ...baselineChange(before, after),
  ];
  // every other change shows in the steps as well, and the version of the rules says nothing by itself
  return said.every((one) => one.what === NAMES['policyVersion']) ? [...said, ...stepsChange(before, after)] : said;
}

/** "manifests: sha256:ab12 → sha256:cd34; what it replaces: 1.0.0 → 1.1.0". */
export function changesInWords(changes: readonly PlanChange[]): string {
  return changes.map(({ what, was, is }) => `${what}: ${was} → ${is}`).join('; ');
}

/** What it would replace; empty: the same as before. */
export function baselineChange(before: Comparable, after: Comparable): readonly PlanChange[] {
  const what = 'what it replaces';
  const versions = change(what, replaced(before), replaced(after));
  return versions.length > 0 ? versions : change(what, inWords(before.plan.onTopOf), inWords(after.plan.onTopOf));
}

/** Two sentences' worth of {@link baselineChange}. */
export function replacesInWords({ was, is }: PlanChange): string {
  return `it replaces ${is} by now, and ${was} when it was planned`;
}

function replaced({ baseline }: Comparable): string {
  return baseline.current?.version ?? 'nothing';
}

function approvalChange({ plan: before }: Comparable, { plan: after }: Comparable): readonly PlanChange[] {
  const what = 'who is asked';
  const people = change(what, askedInWords(before.approval), askedInWords(after.approval));
  if (people.length > 0) return people;
  const [was, is] = [before.approval ?? {}, after.approval ?? {}] as [Fields, Fields];
  const differing = (all: Fields, other: Fields): Fields =>
    Object.fromEntries(Object.entries(all).filter(([key, value]) => inWords(value) !== inWords(other[key])));
  return change(what, inWords(differing(was, is)), inWords(differing(is, was)));
}

function askedInWords(rule: ApprovalRule | undefined): string {
  return rule === undefined ? 'nobody' : groupsInWords(rule);
}

function gatesChange(before: Comparable, after: Comparable): readonly PlanChange[] {
  const [was, is] = [before, after].map(({ plan }) => plan.steps.find((one) => one.step === 'gates'));
  return change('gates', was?.skipped ?? was?.does ?? 'none', is?.skipped ?? is?.does ?? 'none');
}

function stepsChange({ plan: before }: Comparable, { plan: after }: Comparable): readonly PlanChange[] {
  const only = (all: Comparable['plan'], other: Comparable['plan']): string => {
    const known = new Set(other.steps.map((one) => JSON.stringify(one)));
    const lines = all.steps.filter((one) => !known.has(JSON.stringify(one))).map((one) => one.skipped ?? one.does);
    return lines.length === 0 ? 'nothing' : lines.join(', ');
  };
  return change('steps', cut(only(before, after)), cut(only(after, before)));
}

function change(what: string, was: string, is: string): readonly PlanChange[] {
  return was === is ? [] : [{ what, was: cut(was), is: cut(is) }];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf({ plan }: Comparable): Fields {
  return plan as unknown as Fields;
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return cutAfter(text, LONGEST);
}
