// The list of records. Where the page stands (set, search, place, open record) is in the address after #.
import { showCard } from './card.js'
import { $, ask, headings, make } from './controls.js'
import { look, watch } from './watch.js'
import { nameOfSet, speak, switchLanguage, t } from './words.js'

const LIMIT = 25
const FIRST_SETS = ['contact', 'Catalog_Контрагенты']
let page = null
let turns = 0

function place() {
  const place = new URLSearchParams(location.hash.slice(1))
  return { set: place.get('set'), find: place.get('find') ?? '', skip: Number(place.get('skip') ?? 0), id: place.get('id') }
}

function go(changes) {
  const kept = Object.entries({ ...place(), ...changes }).filter(([, value]) => value)
  const hash = `#${new URLSearchParams(kept)}`
  if (hash === location.hash) return show()
  location.hash = hash
}

async function fetchPage(set, find, skip, limit = LIMIT) {
  return ask(`records?${new URLSearchParams({ set, find, skip, limit })}`)
}

async function firstPage() {
  for (const set of FIRST_SETS) {
    try {
      return await fetchPage(set, '', 0)
    } catch { /* the other system */ }
  }
  throw new Error(t('lost'))
}

async function show() {
  speak()
  const { set, find, skip, id } = place()
  const turn = ++turns
  const answer = set ? await fetchPage(set, find, skip) : await firstPage()
  // Whoever types fast is shown what was asked last, whichever answer comes last.
  if (turn !== turns) return
  page = answer
  document.title = $('system').textContent = t(page.system)
  $('language').textContent = t('language')
  $('find').placeholder = t('find')
  $('find').ariaLabel = t('find')
  if (document.activeElement !== $('find')) $('find').value = find
  $('create').textContent = t('create')
  $('create').hidden = page.set === 'recycle_bin'
  showSets()
  showRows(id, skip)
  await showChosen(id)
}

function showSets() {
  const sets = page.sets.filter(one => one.total || one.set === page.set || FIRST_SETS.includes(one.set) || page.system === 'bitrix24')
  $('sets').replaceChildren(...sets.map(one => {
    const button = make('button', { type: 'button', onclick: () => go({ set: one.set, find: '', skip: 0, id: '' }) }, nameOfSet(one.set), make('small', {}, String(one.total)))
    button.setAttribute('aria-current', String(one.set === page.set))
    return button
  }))
}

function showRows(id, skip) {
  const short = row => page.system === 'onec' ? row.code : row.id
  const rows = page.rows.map(row => {
    const name = make('button', { type: 'button', className: 'rowlink' }, row.title || '—')
    const line = make('tr', { className: row.deleted && page.system === 'onec' ? 'deleted' : '', onclick: () => go({ set: page.set, id: row.id }) },
      make('td', { className: 'id' }, short(row)), make('td', {}, name),
      make('td', { className: 'points' }, row.phones.join('\n')), make('td', { className: 'points' }, row.emails.join('\n')))
    line.setAttribute('aria-selected', String(row.id === id))
    return line
  })
  $('records').tHead.replaceChildren(headings([page.system === 'onec' ? t('code') : t('id'), t('name'), t('phones'), t('emails')]))
  $('records').tBodies[0].replaceChildren(...rows)
  $('records').hidden = !rows.length
  $('empty').hidden = rows.length > 0
  $('empty').textContent = t('nothing')
  $('range').textContent = rows.length ? `${skip + 1}–${skip + rows.length} ${t('of')} ${page.total}` : ''
  $('back').disabled = skip === 0
  $('forth').disabled = skip + rows.length >= page.total
}

async function showChosen(id) {
  $('card').hidden = true
  if (!id) return
  if (id === 'new') return showCard(page, null, changed)
  // The open record may stand on another page of the list.
  const row = page.rows.find(row => row.id === id) ?? (await fetchPage(page.set, id, 0)).rows.find(row => row.id === id)
  if (row) showCard(page, row, changed)
}

/** After a change: shows the record anew, or closes the form. */
async function changed(id, isClosing) {
  const wanted = page.set === 'recycle_bin' && !isClosing ? '' : id ?? ''
  if ((place().id ?? '') === wanted) await show()
  else {
    const shown = new Promise(resolve => addEventListener('hashchange', () => show().then(resolve, resolve), { once: true }))
    go({ id: wanted })
    await shown
  }
  await look()
}

function failed(error) {
  $('empty').hidden = false
  $('empty').textContent = error.message
}

$('search').onsubmit = event => event.preventDefault()
$('find').oninput = () => go({ set: page?.set, find: $('find').value, skip: 0, id: '' })
$('create').onclick = () => go({ set: page.set, id: 'new' })
$('back').onclick = () => go({ set: page.set, skip: Math.max(0, place().skip - LIMIT) })
$('forth').onclick = () => go({ set: page.set, skip: place().skip + LIMIT })
$('language').onclick = () => { switchLanguage(); show().then(look).catch(failed) }
addEventListener('hashchange', () => show().catch(failed))
addEventListener('keydown', event => {
  if (event.key === 'Escape' && place().id) go({ id: '' })
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault()
    $('find').focus()
  }
})
show().then(look).catch(failed)
watch()
