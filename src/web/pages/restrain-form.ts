/** Stopping, holding, and ending either. Hidden until the script that sends it has come; the commands stand beside it. */
import { type Restraint, restraintLine } from '../../domain/restraint.ts';
import { LONGEST_NAME, LONGEST_REASON } from '../../domain/said.ts';
import { type Html, html } from '../html.ts';
import type { Restraining } from '../restraining/restraining.ts';
import { confirmation, result, signInButton } from './form-parts.ts';
import { momentText } from './moment.ts';

/** Who looks at the page, and as whom they may say something there. */
export interface Speaker {
  readonly restraining: Restraining;
  readonly person?: { readonly subject: string };
}

export interface Restrainable {
  readonly environment: string;
  /** To choose from; others can be written. */
  readonly services: readonly string[];
  /** In force: each can be ended. */
  readonly restraints: readonly Restraint[];
}

const MINUTE_MS = 60_000;
const PRESETS = [
  ['30 minutes', 30 * MINUTE_MS],
  ['1 hour', 60 * MINUTE_MS],
  ['2 hours', 120 * MINUTE_MS],
  ['8 hours', 480 * MINUTE_MS],
] as const;

export function renderRestrainForm(what: Restrainable, { restraining, person }: Speaker): Html | undefined {
  if (restraining.kind === 'none') return undefined;
  const isNobody = restraining.kind === 'signed-in' && person === undefined;
  return html`<section
    id="restrain"
    aria-labelledby="restrain-head"
    hidden
    data-environment="${what.environment}"
    data-as="${restraining.kind === 'signed-in' ? person?.subject : ''}"
  >
    <h2 id="restrain-head">Stop, hold, or let go on</h2>
    ${identity(restraining, person)} ${!isNobody && words(what)} ${!isNobody && confirmation()} ${result()}
  </section>`;
}

function identity(restraining: Exclude<Restraining, { kind: 'none' }>, person: Speaker['person']): Html {
  return html`<fieldset id="identity">
    <legend>Who says so</legend>
    ${
      restraining.kind === 'named'
        ? html`<label>Your name <input id="name" autocomplete="username" /></label>
            <p class="muted">Everybody reads it, and nothing proves it: as on the command line.</p>`
        : person === undefined
          ? html`<p>Nobody yet: sign in.</p>
              ${signInButton(restraining.issuer)}`
          : html`<p>You, signed in as <strong>${person.subject}</strong>; everybody reads it.</p>`
    }
  </fieldset>`;
}

function words({ services, restraints }: Restrainable): Html {
  return html`<form id="words">
    <fieldset>
      <legend>What should happen?</legend>
      ${choice('stop', undefined, 'Stop: everything in scope pauses at its next safe point, and nothing new enters')}
      ${choice('hold', undefined, 'Hold: nothing new of one service enters; what runs there stays')}
      ${restraints.map((one) => {
        const [action, word] = one.kind === 'stop' ? ['thaw', 'Thaw'] : ['lift', 'Lift'];
        return choice(action, one.service, `${word} the ${restraintLine(one, momentText)}`);
      })}
    </fieldset>
    <fieldset id="scope">
      <legend>What it concerns, and for how long</legend>
      <label
        >Service <span class="muted" id="service-when">empty: every service; a hold needs one</span>
        <input name="service" list="services" autocomplete="off" aria-describedby="service-when"
      /></label>
      <datalist id="services">${services.map((name) => html`<option value="${name}"></option>`)}</datalist>
      <label
        >For
        <select name="for" id="for">
          ${PRESETS.map(([text, ms]) => html`<option value="${ms}">${text}</option>`)}
          <option value="own">another time</option>
          <option value="lifted" id="for-lifted" disabled>until somebody lifts it</option>
        </select></label
      >
      <label hidden
        >How long, as 45m, 3h or 2d
        <input id="own-time" name="own" autocomplete="off" pattern="[1-9][0-9]{0,4}[mhd]" title="45m, 3h or 2d"
      /></label>
      <label
        >Incident <span class="muted" id="incident-what">its number or address, if there is one</span>
        <input name="incident" autocomplete="off" maxlength="${LONGEST_NAME}" aria-describedby="incident-what"
      /></label>
    </fieldset>
    <label
      >Reason <span class="muted" id="reason-when">always needed; everybody reads it</span>
      <textarea name="reason" rows="3" required maxlength="${LONGEST_REASON}" aria-describedby="reason-when"></textarea>
    </label>
    <button>Go on</button>
  </form>`;
}

function choice(action: string, service: string | undefined, text: string): Html {
  return html`<label class="choice"
    ><input type="radio" name="action" value="${action}" data-service="${service}" required /> ${text}</label
  >`;
}

/** Always there; where the form works the script folds it. */
export function restrainCommands({ environment, restraints }: Restrainable, { restraining }: Speaker): Html {
  const where = `--environment ${environment}`;
  const ends = restraints.map(({ kind, service }) => {
    if (kind === 'hold') return `sluice hold lift ${service ?? ''} ${where} --reason "…"`;
    return `sluice thaw ${where}${service === undefined ? '' : ` --service ${service}`} --reason "…"`;
  });
  const begins = [
    `sluice stop ${where} --reason "…" --incident "…" --for 2h`,
    `sluice hold set SERVICE ${where} --reason "…"`,
  ];
  return html`<details id="commands" open>
    <summary>Stop, hold, or let go on with the command line</summary>
    ${[...ends, ...begins].map((command) => html`<code class="command">${command}</code>`)}
    ${
      restraining.kind === 'none' &&
      html`<p class="muted">
        Not on this page: this server only shows, or it cannot know who you are. Names are taken on trust on its own
        machine alone.
      </p>`
    }
  </details>`;
}
