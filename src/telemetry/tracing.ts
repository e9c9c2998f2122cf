/** Spans of things that have ended, with the ids and times that they have in the workflow. */
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { AlwaysOnSampler, BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Observation } from '../contract/observation.ts';
import { spanIdOf, traceIdOf } from './ids.ts';
import { attributesOf } from './instruments.ts';
import { ATTRIBUTES, type AttributeName, SPANS } from './names.ts';

type Spanned = Exclude<Observation, { readonly what: 'delivery' }>;

export interface Tracing {
  readonly trace: (observed: Observation) => void;
  /** Sends what is left, for as long as the exporters' limits let it. */
  readonly stop: () => Promise<void>;
}

export function createTracing(resource: Resource, spanProcessors: SpanProcessor[]): Tracing {
  const next = { traceId: '', spanId: '' };
  const idGenerator = { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId };
  const provider = new BasicTracerProvider({ resource, spanProcessors, idGenerator, sampler: new AlwaysOnSampler() });
  const tracer = provider.getTracer('sluice');

  function traceOne(observed: Spanned): void {
    next.traceId = traceIdOf(observed.trace);
    next.spanId = spanIdOf(observed.span);
    const { name, attributes } = spanOf(observed);
    const span = tracer.startSpan(
      nameOf(name, attributes),
      // a number would be taken for the process's own clock, which has not yet run when many a wait began
      { kind: SpanKind.INTERNAL, startTime: new Date(observed.startedMs), attributes: attributesOf(attributes) },
      under(observed),
    );
    const { failed, why } = endOf(observed);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: why });
    span.end(new Date(observed.endedMs));
  }
  return {
    trace: (observed) => {
      if (observed.what !== 'delivery') traceOne(observed);
    },
    stop: () => provider.shutdown(),
  };
}

function under({ trace: of, parent }: Spanned): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const [traceId, spanId] = [traceIdOf(of), spanIdOf(parent)];
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

interface Named {
  readonly name: string;
  readonly attributes: Readonly<Partial<Record<AttributeName, string>>>;
}

function spanOf(observed: Spanned): Named {
  const { service, version, environment } = observed;
  const about = { service, ...some({ version, environment }) };
  if (observed.what === 'wait') return { name: SPANS.wait.name, attributes: { ...about, wait: observed.wait } };
  if (observed.what === 'step') {
    const { step, undo, result, code } = observed;
    const attributes = { ...about, step, undo: undo ? 'yes' : 'no', result, ...some({ code }) };
    return { name: (undo ? SPANS.undo : SPANS.step).name, attributes };
  }
  const { what, journey, workflowId, runId, digest, outcome = 'failed', code } = observed;
  const attributes = { ...about, journey, workflowId, runId, outcome, ...some({ digest, code }) };
  return { name: SPANS[what].name, attributes };
}

/** `<…>` in a name stands for the attribute of that name. */
function nameOf(name: string, attributes: Named['attributes']): string {
  return name.replaceAll(/<([^>]+)>/g, (_, attribute: string) => {
    const key = (Object.keys(attributes) as AttributeName[]).find((one) => ATTRIBUTES[one].name === attribute);
    return (key === undefined ? undefined : attributes[key]) ?? '';
  });
}

/** A refusal is no error of the engine, but whoever looks for what did not arrive looks for errors. */
function endOf(observed: Spanned): { readonly failed: boolean; readonly why: string } {
  if (observed.what === 'wait') return { failed: false, why: '' };
  const [how, good] = observed.what === 'step' ? [observed.result, 'done'] : [observed.outcome ?? 'failed', 'released'];
  return { failed: how !== good, why: observed.code ?? how };
}

function some(given: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, string>;
}
