// The clock, the counters and the last requests: looked at every two seconds while the page is visible.
import { $, ask, headings, make } from './controls.js'
import { t } from './words.js'

const SHOWN = 15
const PAUSE_MS = 2000
let running = true

async function showTime(time) {
  running = time.running
  $('now').textContent = time.now.slice(0, 19).replace('T', ' ')
  $('pace').textContent = running ? (time.scale === 1 ? '' : `${time.scale} ${t('times')}`) : t('stopped')
  $('stop').textContent = running ? t('stop') : t('go')
  $('hour').textContent = t('hour')
  $('day').textContent = t('day')
}

function showCounters(counters) {
  const rows = []
  for (const [key, value] of Object.entries(counters)) {
    if (typeof value === 'number') rows.push([t('counted')[key] ?? key, value])
  }
  for (const [name, value] of Object.entries(counters.calls ?? counters.by_set ?? {})) {
    const count = typeof value === 'number' ? value : Object.entries(value).map(([verb, times]) => `${verb} ${times}`).join(', ')
    rows.push([name, count])
  }
  $('counters').replaceChildren(...rows.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, String(value))]))
}

function showRequests(log) {
  const rows = log.requests.reverse().map(entry => {
    const target = make('td', { className: 'target' }, decoded(entry.target))
    if (entry.body) target.append(make('small', {}, decoded(entry.body)))
    const status = entry.status === null ? '×' : String(entry.status)
    return make('tr', {},
      make('td', {}, String(entry.number)), make('td', {}, entry.at.slice(11, 19)), make('td', {}, entry.method), target,
      make('td', { className: entry.status === null || entry.status >= 400 ? 'bad' : '' }, status),
      make('td', {}, entry.verdict === 'pass' ? '' : entry.verdict), make('td', {}, `${entry.took.toFixed(2)} s`))
  })
  const quiet = make('tr', {}, make('td', { colSpan: 7 }, t('quiet')))
  $('requests').tHead.replaceChildren(headings([t('number'), t('at'), '', t('request'), t('status'), t('fate'), t('took')]))
  $('requests').tBodies[0].replaceChildren(...(rows.length ? rows : [quiet]))
}

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export async function look() {
  $('counters-title').textContent = t('counters')
  $('requests-title').textContent = t('requests')
  showTime(await ask('time'))
  showCounters(await ask('counters'))
  showRequests(await ask(`requests?limit=${SHOWN}`))
}

export function watch() {
  const turn = change => async () => showTime(await ask('time', change()))
  $('stop').onclick = turn(() => running ? { stop: true } : { go: true })
  $('hour').onclick = turn(() => ({ advance: 3600 }))
  $('day').onclick = turn(() => ({ advance: 86400 }))
  setInterval(() => { if (!document.hidden) look().catch(() => { $('pace').textContent = t('lost') }) }, PAUSE_MS)
}
