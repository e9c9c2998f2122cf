// Requests to this server, with the token that shows that this page was drawn for this browser.
import { Complaint } from './said.js';

/** @typedef {{ ok: true, value: any } | { ok: false, status: number, error: import('./said.js').Refusal }} Sent */

/**
 * @param {string} path
 * @param {object} fields
 * @returns {Promise<Sent>}
 */
export async function post(path, fields) {
  const token = document.querySelector('meta[name="sluice-token"]')?.getAttribute('content') ?? '';
  const headers = { 'content-type': 'application/json', 'x-sluice-token': token };
  return asked(path, { method: 'POST', headers, body: JSON.stringify(fields) });
}

/**
 * @param {string} path
 * @returns {Promise<Sent>}
 */
export async function get(path) {
  return asked(path, {});
}

/**
 * @param {string} path
 * @param {RequestInit} how
 * @returns {Promise<Sent>}
 */
async function asked(path, how) {
  try {
    const response = await fetch(path, { ...how, credentials: 'same-origin', redirect: 'error' });
    const value = await response.json();
    return response.ok ? { ok: true, value } : { ok: false, status: response.status, error: value.error };
  } catch {
    throw new Complaint('This server does not answer.', 'See at the release whether it counted, and try again.');
  }
}
