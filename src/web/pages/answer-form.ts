/** The form of a question, and of letting something pass. Hidden until the script that signs has come: without it there is nothing to send. */
import { goodForMs } from '../../client/index.ts';
import type { PassableGate, PromotionStatus } from '../../contract/status.ts';
import { releaseId } from '../../contract/workflow-ids.ts';
import { LONGEST_REASON } from '../../domain/said.ts';
import { shortDigest, isDigest } from '../../domain/digest.ts';
import type { Answering } from '../answering/answering.ts';
import { type Html, html } from '../html.ts';
import { closedGates } from './closed-gates.ts';
import { confirmation, result, signInButton } from './form-parts.ts';

/** Whether the page has a form at all. */
export function isAnsweredHere(answering: Answering): boolean {
  if (answering.kind !== 'proven') return answering.kind === 'unproven';
  return answering.keys === 'offered' || answering.identity !== undefined;
}

export function renderAnswerForm(promotion: PromotionStatus, answering: Answering): Html | undefined {
  return form(promotion, answering, 'answer', words(promotion));
}

/** The same, for a yes that only lets it pass closed gates. */
export function renderOverrideForm(
  promotion: PromotionStatus,
  gates: readonly PassableGate[],
  answering: Answering,
): Html | undefined {
  return form(promotion, answering, 'override', overrideWords(gates));
}

function form(
  promotion: PromotionStatus,
  answering: Answering,
  kind: 'answer' | 'override',
  said: Html,
): Html | undefined {
  if (answering.kind === 'none' || !isAnsweredHere(answering)) return undefined;
  const { service, version, environment, planDigest = '', plan } = promotion;
  const facts = { release: releaseId(service, version), service, version, environment, planDigest };
  const short = isDigest(planDigest) ? shortDigest(planDigest) : planDigest;
  const proof = answering.kind === 'unproven' ? 'none' : 'signature';
  return html`<section
    id="answer"
    aria-labelledby="answer-head"
    hidden
    data-kind="${kind}"
    data-facts="${JSON.stringify(facts)}"
    data-good-for-ms="${goodForMs(plan?.approval)}"
    data-plan="${short}"
    data-proof="${proof}"
  >
    <h2 id="answer-head">
      ${kind === 'answer' ? 'Your answer to plan' : 'Let it pass, with plan'} <code>${short}</code>
    </h2>
    ${answering.kind === 'unproven' ? byName() : identities(answering)} ${said} ${confirmation()} ${result()}
  </section>`;
}

function overrideWords(gates: readonly PassableGate[]): Html {
  return html`<form id="words">
    <input type="hidden" name="decision" value="approve" />
    <fieldset>
      <legend>Which closed gates may it pass?</legend>
      ${gates.map(
        ({ gate, said, groups }) =>
          html`<label class="choice"
            ><input type="checkbox" name="override" value="${gate}" /> ${gate}
            <span class="muted"
              >${said}${groups.length > 0 && html` (may be passed by: ${groups.join(', ')})`}</span
            ></label
          >`,
      )}
    </fieldset>
    <label
      >Reason <span class="muted" id="reason-when">always needed; it is kept with the release</span>
      <textarea name="reason" rows="3" maxlength="${LONGEST_REASON}" aria-describedby="reason-when"></textarea>
    </label>
    <button>Go on</button>
  </form>`;
}

function byName(): Html {
  return html`<fieldset id="identity">
    <legend>Who answers</legend>
    <p class="warn">
      <strong>Nothing is proven here:</strong> the configuration takes every name on trust, and whoever reaches this
      page can write any.
    </p>
    <label>Your name <input id="name" autocomplete="username" /></label>
  </fieldset>`;
}

function identities({ keys, identity }: Extract<Answering, { kind: 'proven' }>): Html {
  const offered = keys === 'offered';
  return html`<fieldset id="identity">
    <legend>Who answers</legend>
    <p id="as" role="status">
      Nobody yet:
      ${offered ? 'choose your key' : ''}${offered && identity !== undefined && ' or '}${identity !== undefined && 'sign in'}.
    </p>
    ${identity !== undefined && signInButton(identity.issuer)} ${offered && ownKey()}
    ${keys === 'elsewhere' && KEYS_ELSEWHERE}
  </fieldset>`;
}

const KEYS_ELSEWHERE = html`<p class="muted">
  With a key of your own, answer on your own machine, with the command line or <code>sluice serve</code> there: it
  belongs on no page of another machine.
</p>`;

function ownKey(): Html {
  return html`<div id="own-key">
    <label>Your name, as in <code>trust.approvers</code> <input id="name" autocomplete="username" /></label>
    <label
      >Your private key (PEM, from <code>sluice login --key</code>)
      <input id="key-file" type="file" accept=".pem,.key" aria-describedby="key-stays"
    /></label>
    <label class="choice"><input id="keep" type="checkbox" /> Keep it in this browser</label>
    <p id="key-stays" class="muted">
      It is read by this page alone and sent nowhere. Kept, it can sign here, and nobody can take it out again.
    </p>
    <p><button type="button" id="forget" hidden>Forget the kept key</button></p>
  </div>`;
}

function words(promotion: PromotionStatus): Html {
  const gates = closedGates(promotion);
  return html`<form id="words">
    <fieldset>
      <legend>Do you agree with this plan?</legend>
      <label class="choice"><input type="radio" name="decision" value="approve" required /> Yes, let it in</label>
      <label class="choice"><input type="radio" name="decision" value="reject" /> No, refuse it</label>
    </fieldset>
    ${
      gates.length > 0 &&
      html`<fieldset>
        <legend>Pass closed gates</legend>
        ${gates.map(
          ({ name, said }) =>
            html`<label class="choice"
              ><input type="checkbox" name="override" value="${name}" /> ${name}
              <span class="muted">${said}</span></label
            >`,
        )}
      </fieldset>`
    }
    <label
      >Reason
      <span class="muted" id="reason-when">needed for a no${gates.length > 0 && ' and for passing a gate'}</span>
      <textarea name="reason" rows="3" maxlength="${LONGEST_REASON}" aria-describedby="reason-when"></textarea>
    </label>
    <button>Go on</button>
  </form>`;
}
