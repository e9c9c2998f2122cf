// Signing out, wherever the page shows who is signed in: server and browser forget.
import { elementIfThere } from './element.js';
import { post } from './send.js';
import { forget } from './store.js';

const button = elementIfThere('sign-out', HTMLButtonElement);
if (button) {
  button.hidden = false;
  button.addEventListener('click', () => void leave());
}

async function leave() {
  await Promise.allSettled([post('/sign-out', {}), forget('sign-in')]);
  location.reload();
}
