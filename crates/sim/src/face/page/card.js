// The side form: one record, its fields, and what a person may do with it.
import { $, ask, make } from './controls.js'
import { t } from './words.js'

/** Fields that stand open, in this order; all others wait below. */
const FIRST = ['LAST_NAME', 'NAME', 'SECOND_NAME', 'TITLE', 'POST', 'COMPANY_ID', 'UF_CRM_INN', 'RQ_INN', 'RQ_KPP', 'RQ_COMPANY_NAME',
  'ENTITY_TYPE_ID', 'ENTITY_ID', 'PRESET_ID', 'Description', 'Фамилия', 'Имя', 'Отчество', 'НаименованиеПолное', 'ИНН', 'КПП', 'Должность', 'Роль']

/** Shows a row of the list, or an empty form if there is none. `done` is called with the id after a change. */
export function showCard(page, row, done) {
  const writable = !(row?.deleted && page.system === 'bitrix24')
  const record = row?.record ?? {}
  const inputs = fieldInputs(page.fields, record)
  const points = pointInputs(page, row)
  $('card').hidden = false
  $('title').textContent = row ? row.title || row.id : t('fresh')
  tell('')
  const [open, rest] = [[], []]
  for (const [name, input] of inputs) (FIRST.includes(name) || name.startsWith('UF_') ? open : rest).push(labelled(name, input))
  const more = make('details', {}, make('summary', {}, t('more')), ...rest)
  $('fields').replaceChildren(...open, ...[...points].map(([key, input]) => labelled(`${t(key)} (${t('perLine')})`, input)), ...(rest.length ? [more] : []))
  $('whole').textContent = t('whole')
  $('json').textContent = JSON.stringify(record, null, 1)
  $('json').parentElement.hidden = !row
  $('buttons').replaceChildren(...buttons(page, row, done))
  $('form').onsubmit = event => {
    event.preventDefault()
    if (writable) attempt(() => save(page, row, inputs, points), row ? 'saved' : 'made', done)
  }
}

export function tell(text, manner = '') {
  $('told').textContent = text
  $('told').className = manner
}

function fieldInputs(fields, record) {
  const first = name => FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length
  const names = [...fields].sort((one, other) => first(one) - first(other))
  return new Map(names.map(name => [name, make('input', { value: scalar(record[name]), autocomplete: 'off' })]))
}

function pointInputs(page, row) {
  const has = page.system === 'onec' ? page.contacts : ['contact', 'company'].includes(page.set)
  return new Map(has ? ['phones', 'emails'].map(key => [key, make('textarea', { value: (row?.[key] ?? []).join('\n'), rows: 2 })]) : [])
}

const scalar = value => typeof value === 'string' || typeof value === 'number' ? String(value) : ''
const labelled = (name, input) => make('label', {}, name, input)
const lines = text => text.split('\n').map(line => line.trim()).filter(Boolean)

async function save(page, row, inputs, points) {
  const fields = {}
  for (const [name, input] of inputs) {
    if (input.value !== scalar(row?.record[name])) fields[name] = input.value
  }
  for (const [key, input] of points) {
    const [old, wanted] = [row?.[key] ?? [], lines(input.value)]
    if (old.join('\n') === wanted.join('\n')) continue
    if (page.system === 'onec') fields[key] = wanted
    else fields[key === 'phones' ? 'PHONE' : 'EMAIL'] = rowEdits(row?.record[key === 'phones' ? 'PHONE' : 'EMAIL'] ?? [], wanted)
  }
  if (row && !Object.keys(fields).length) throw new Error(t('unchanged'))
  const what = page.system === 'onec' ? { set: page.set, ref: row?.id } : { entity: page.set, id: row?.id }
  return ask('act', { do: row ? 'update' : 'create', ...what, fields })
}

/** Rows of a multi-field: a changed text keeps the id of the row in its place. */
function rowEdits(old, wanted) {
  const kept = old.filter(row => wanted.includes(row.VALUE)).map(row => row.VALUE)
  const fresh = wanted.filter(value => !kept.includes(value))
  const free = old.filter(row => !kept.includes(row.VALUE))
  const edits = free.map(row => fresh.length ? { ID: row.ID, VALUE: fresh.shift() } : { ID: row.ID, DELETE: 'Y' })
  return [...edits, ...fresh.map(value => ({ VALUE: value, VALUE_TYPE: 'WORK' }))]
}

function buttons(page, row, done) {
  const act = (words, label, action, className = '') => make('button', {
    type: 'button', className, onclick: () => attempt(() => ask('act', action), words, done)
  }, t(label))
  const save = make('button', { type: 'submit', className: 'main' }, t('save'))
  const close = make('button', { type: 'button', onclick: () => done(null, true) }, t('close'))
  if (!row) return [save, close]
  if (page.system === 'bitrix24') {
    const what = { entity: row.entity, id: row.id }
    if (row.deleted) return [act('restored', 'restore', { do: 'restore', ...what }, 'main'), close]
    return [save, act('gone', 'remove', { do: 'delete', ...what }, 'danger'), close]
  }
  const what = { set: page.set, ref: row.id }
  const mark = row.deleted ? act('restored', 'restore', { do: 'mark', ...what, marked: false }) : act('marked', 'mark', { do: 'mark', ...what })
  return [save, mark, act('gone', 'erase', { do: 'delete', ...what }, 'danger'), close]
}

async function attempt(action, words, done) {
  try {
    const told = await action()
    await done(words === 'gone' ? null : told.id ?? told.ref ?? null, false)
    tell(t(words), 'good')
  } catch (error) {
    tell(error.message, 'bad')
  }
}
