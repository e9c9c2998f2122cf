// Follows a release: the server sends the journey as it renders it, and one line for whoever listens. Everything works without.
const [journey, news, link] = ['journey', 'news', 'link'].map((id) => document.getElementById(id));
const events = journey?.dataset['events'];
if (journey && news && link && events) follow(events, journey, news, link);

/**
 * @param {string} events
 * @param {HTMLElement} journey
 * @param {HTMLElement} news
 * @param {HTMLElement} link
 */
function follow(events, journey, news, link) {
  const source = new EventSource(events);
  source.addEventListener('open', () => (link.textContent = 'This page follows the release by itself.'));
  source.addEventListener('error', () => (link.textContent = 'The connection is lost; trying again.'));
  source.addEventListener('news', ({ data }) => (news.textContent = data));
  source.addEventListener('journey', ({ data, lastEventId }) => {
    // what the page came with is not drawn again
    if (lastEventId !== journey.dataset['drawn']) replace(journey, data);
    journey.dataset['drawn'] = lastEventId;
  });
  source.addEventListener('end', () => {
    source.close();
    link.textContent = 'The release has ended.';
  });
}

/**
 * What was folded stays folded, and the keyboard stays where it was.
 * @param {HTMLElement} journey
 * @param {string} data
 */
function replace(journey, data) {
  const folds = [...journey.querySelectorAll('details')].filter(({ id }) => id !== '');
  const states = folds.map(({ id, open }) => ({ id, open }));
  const focused = journey.contains(document.activeElement) ? document.activeElement?.id : '';
  journey.innerHTML = data;
  for (const { id, open } of states) document.getElementById(id)?.toggleAttribute('open', open);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
