// The console's page script: asks the API every two seconds and keeps the tables up to date. Every text is set as
// text, never as markup: it may come from a scan, a file name or a server.

const STATES = [
  'RECEIVING',
  'COMPLETE',
  'UPLOADING',
  'COMPUTING',
  'DONE',
  'SKIPPED',
  'UNSUPPORTED',
  'FAILED',
];
const WITH_RESULTS = ['DONE'];
const CAN_RETRY = ['DONE', 'SKIPPED', 'UNSUPPORTED', 'FAILED'];
/** Of a stopped source: a retry asks Qure at once. */
const STOPPED = ['auth_rejected', 'source_denied', 'license_expired'];
const REFRESH_MS = 2000;
/** Rows that one refresh reads; more is said, not shown. */
const MAX_ROWS = 100;

const byId = (id) => document.getElementById(id);
const SIMULATED = new Set(JSON.parse(document.querySelector('main').dataset.simulated));
let onlyState = '';
let lastSeries = [];
let counts = new Map();

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function api(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Error(body.detail ?? body.title ?? `expected an answer, got HTTP ${response.status}`);
  return body;
}

async function newestItems(path, parameters) {
  const query = new URLSearchParams({ limit: String(MAX_ROWS), ...parameters });
  const { items = [], cursor } = await api(`${path}?${query}`);
  return { items, isCut: Boolean(cursor) };
}

/** Of each state, and of all by the key ''. */
async function countsByState() {
  const { counts: states = [] } = await api('/v1/series/counts');
  const count = states.reduce((sum, state) => sum + state.count, 0);
  const isComplete = states.every((state) => state.isComplete);
  return new Map([['', { count, isComplete }], ...states.map((state) => [state.state, state])]);
}

function clockTime(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleTimeString();
}

/** Writes only what has changed, so that focus, selection and a screen reader's place stay. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Keeps one row per id in `body`, in the order of `items`. */
function syncRows(body, items, idOf, makeRow, fillRow) {
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  items.forEach((item, index) => {
    const id = idOf(item);
    let row = rows.get(id);
    rows.delete(id);
    if (!row) {
      row = makeRow(item);
      row.dataset.id = id;
    }
    fillRow(row, item);
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  for (const row of rows.values()) row.remove();
}

function pathOf(item, rest = '') {
  return `/v1/series/${encodeURIComponent(item.seriesInstanceUid)}${rest}?source=${encodeURIComponent(item.source)}`;
}

function makeSeriesRow() {
  const row = element('tr');
  for (let column = 0; column < 10; column += 1) row.append(element('td'));
  row.cells[0].className = 'state';
  row.cells[4].className = 'number';
  row.cells[5].className = 'number';
  row.cells[6].className = 'uid';
  row.cells[7].className = 'remark';
  row.cells[8].className = 'time';
  row.cells[9].className = 'actions';
  const results = element('button', { type: 'button', textContent: 'Results' });
  const retry = element('button', { type: 'button', textContent: 'Retry' });
  results.addEventListener('click', () => showResults(row.item));
  retry.addEventListener('click', () => askRetry(row.item));
  row.cells[9].append(results, ' ', retry);
  return row;
}

function isSimulated({ state, source }) {
  return state === 'DONE' && SIMULATED.has(source);
}

function remarkOf({ reason, detail, heldBack, ...facts }) {
  if (heldBack !== undefined) return `waits (${heldBack.reason}) until ${clockTime(heldBack.until)}`;
  const { unreadInstances, sameAsGeneration, replacedUnconfirmed, outsideIndication, quality } = facts;
  return [
    isSimulated(facts) && 'SIMULATED: no finding',
    [reason, detail].filter(Boolean).join(': '),
    unreadInstances && `instances that Qure has not read: ${unreadInstances}`,
    sameAsGeneration && `same result as generation ${sameAsGeneration}`,
    replacedUnconfirmed && `Qure may hold older contents: ${replacedUnconfirmed}`,
    outsideIndication?.length && `outside Qure's clearances: ${outsideIndication.join(', ')}`,
    quality && `slices: ${qualityText(quality)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** `missing 57, gaps 1`. */
function qualityText(quality) {
  return Object.entries(quality)
    .map(([name, value]) => `${name} ${[value].flat().join(' ')}`)
    .join(', ');
}

function fillSeriesRow(row, item) {
  row.item = item;
  row.dataset.state = item.state;
  const texts = [
    item.state,
    [item.product, item.priority].filter(Boolean).join(' '),
    item.triageStatus ?? '',
    item.modality ?? '',
    String(item.instances ?? ''),
    String(item.generation ?? ''),
    item.seriesInstanceUid,
    remarkOf(item),
    clockTime(item.changedAt),
  ];
  texts.forEach((text, column) => {
    setText(row.cells[column], text);
  });
  row.cells[2].className = item.triageStatus === 'critical' ? 'critical' : '';
  row.cells[6].title = `study ${item.studyInstanceUid}, source ${item.source}`;
  const [results, retry] = row.cells[9].querySelectorAll('button');
  results.hidden = !WITH_RESULTS.includes(item.state);
  const isStopped = item.state !== 'COMPUTING' && STOPPED.includes(item.heldBack?.reason);
  retry.hidden = !CAN_RETRY.includes(item.state) && !isStopped;
  for (const button of [results, retry])
    button.ariaLabel = `${button.textContent} of series ${item.seriesInstanceUid}`;
}

function fillQuarantineRow(row, item) {
  [item.reason, item.key, item.detail ?? '', clockTime(item.at)].forEach((text, column) => {
    setText(row.cells[column], text);
  });
}

function makeQuarantineRow() {
  const row = element('tr');
  for (let column = 0; column < 4; column += 1) row.append(element('td'));
  row.cells[1].className = 'key';
  row.cells[2].className = 'remark';
  row.cells[3].className = 'time';
  return row;
}

function makeBoard() {
  for (const state of ['', ...STATES]) {
    const button = element('button', { type: 'button' });
    button.dataset.state = state;
    button.addEventListener('click', () => {
      onlyState = state;
      refresh();
    });
    button.append(element('span', { className: 'state' }), ' ', element('span', { className: 'number' }));
    byId('board').append(button);
  }
}

function drawSeries() {
  for (const button of byId('board').children) {
    const { state } = button.dataset;
    const { count = 0, isComplete = true } = counts.get(state) ?? {};
    setText(button.firstChild, state === '' ? 'All' : state);
    setText(button.lastChild, isComplete ? String(count) : `${count}+`);
    button.ariaPressed = String(state === onlyState);
  }
  const idOf = (item) => `${item.source} ${item.seriesInstanceUid}`;
  syncRows(byId('series'), lastSeries, idOf, makeSeriesRow, fillSeriesRow);
}

async function refresh() {
  const state = onlyState;
  try {
    const [series, quarantine, newCounts] = await Promise.all([
      newestItems('/v1/series', state === '' ? {} : { state }),
      newestItems('/v1/quarantine', {}),
      countsByState(),
    ]);
    // Another state was chosen meanwhile, and is being read.
    if (state !== onlyState) return;
    lastSeries = series.items;
    counts = newCounts;
    drawSeries();
    syncRows(byId('quarantine'), quarantine.items, (item) => item.key, makeQuarantineRow, fillQuarantineRow);
    byId('quarantine-section').hidden = quarantine.items.length === 0;
    byId('empty').hidden = (counts.get('')?.count ?? 0) > 0;
    const cut =
      series.isCut || quarantine.isCut ? ` Only the newest ${MAX_ROWS} are shown; the API lists all.` : '';
    setText(byId('updated'), `Updated ${new Date().toLocaleTimeString()}.${cut}`);
    showTrouble('');
  } catch (error) {
    showTrouble(`The API does not answer: ${error.message}`);
  }
}

function showTrouble(text) {
  setText(byId('trouble'), text);
  byId('trouble').hidden = text === '';
}

async function showResults(item) {
  const dialog = byId('results');
  setText(byId('results-uid'), item.seriesInstanceUid);
  setText(byId('result-json'), '');
  byId('assets').replaceChildren();
  byId('results-simulated').hidden = !isSimulated(item);
  dialog.showModal();
  try {
    const { assets = [], ...rest } = await api(pathOf(item, '/results'));
    setText(byId('result-json'), JSON.stringify(rest.result ?? rest.results ?? rest, null, 2));
    const links = assets.map((asset) => element('li', {}, assetLink(asset)));
    byId('assets').append(...(links.length > 0 ? links : [element('li', { textContent: 'none' })]));
  } catch (error) {
    setText(byId('result-json'), error.message);
  }
}

/** A link is followed only over http(s), whatever the answer says. */
function assetLink({ key, type, index, url }) {
  const name = [type ?? key, index].filter((part) => part !== undefined).join(' ');
  if (!/^https?:\/\//i.test(String(url))) return name;
  return element('a', { href: url, target: '_blank', rel: 'noopener noreferrer', textContent: name });
}

function askRetry(item) {
  const dialog = byId('retry');
  setText(byId('retry-uid'), item.seriesInstanceUid);
  byId('retry-product').value = '';
  byId('retry-recompute').checked = item.state === 'DONE';
  dialog.returnValue = '';
  dialog.onclose = () => {
    if (dialog.returnValue === 'go') sendRetry(item);
  };
  dialog.showModal();
}

async function sendRetry(item) {
  const product = byId('retry-product').value;
  const isRecompute = byId('retry-recompute').checked;
  try {
    await api(pathOf(item, '/retry'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...(isRecompute ? { recompute: true } : {}), ...(product ? { product } : {}) }),
    });
    await refresh();
  } catch (error) {
    showTrouble(`The series was not tried again: ${error.message}`);
  }
}

async function keepUpToDate() {
  if (!document.hidden) await refresh();
  setTimeout(keepUpToDate, REFRESH_MS);
}

makeBoard();
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh();
});
keepUpToDate();
