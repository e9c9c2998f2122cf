/** What is sent to this server, and what it says to it: JSON for the page's own script. */
import type { IncomingMessage } from 'node:http';
import { type Answer, jsonAnswer, withHeaders } from '../answer.ts';
import type { Post } from '../routes.ts';
import { type Site, answerToError } from '../site.ts';
import { forwardRestraint } from '../restraining/forward-restraint.ts';
import { forwardAnswer, forwardOverride } from './forward.ts';
import { readPosted } from './posted.ts';
import { beginSignIn } from './sign-in.ts';
import type { Visit } from './visit.ts';

export async function answerToPost(post: Post, request: IncomingMessage, visit: Visit, site: Site): Promise<Answer> {
  const posted = await readPosted(request, visit, site.sessions);
  if (!posted.ok) {
    const { status, message, remedy } = posted;
    // what is left of the request is not waited for
    return withHeaders(jsonAnswer({ error: { message, remedy } }, status), { connection: 'close' });
  }
  try {
    return (await site.turnstile.pass(() => done(post, posted.fields, visit, site))) ?? tooMany();
  } catch (error) {
    return answerToError(error, 'json', site);
  }
}

async function done(
  post: Post,
  fields: Readonly<Record<string, unknown>>,
  visit: Visit,
  { sessions, answering, restraining, forwarder }: Site,
): Promise<Answer> {
  switch (post) {
    case 'answer': {
      const { reply } = await forwardAnswer(fields, answering, forwarder);
      return jsonAnswer({ message: reply?.message ?? 'It was handed on.', missing: reply?.missing ?? 0 });
    }
    case 'override': {
      const { reply } = await forwardOverride(fields, answering, forwarder);
      return jsonAnswer({ message: reply.message });
    }
    case 'restrain':
      return jsonAnswer(await forwardRestraint(fields, visit, restraining, forwarder));
    case 'sign-in': {
      const identity = answering.kind === 'proven' ? answering.identity : undefined;
      return jsonAnswer({ location: await beginSignIn(fields, visit, sessions, identity) });
    }
    case 'sign-out':
      sessions.leave(visit.session ?? '');
      return jsonAnswer({ signedOut: true });
  }
}

function tooMany(): Answer {
  const error = { message: 'Too many answers are under way.', remedy: 'try again in a few seconds' };
  return withHeaders(jsonAnswer({ error }, 503), { 'retry-after': '10' });
}

/** Whether this server takes it at all, from whomever. */
export function isTaken(post: Post, { answering, restraining }: Pick<Site, 'answering' | 'restraining'>): boolean {
  return post === 'restrain' ? restraining.kind !== 'none' : answering.kind !== 'none';
}
