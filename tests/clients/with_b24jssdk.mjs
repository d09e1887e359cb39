// The vendor's SDK for JavaScript: reads, creates, updates, batches, pages, errors, renewing tokens. It speaks https only.
//
//     node with_b24jssdk.mjs WEBHOOK_URL CONTROL_URL
//
// WEBHOOK_URL is the portal behind TLS, CONTROL_URL its controls. One line a check; exit code 1 after a failure.
import assert from 'node:assert/strict'
import { B24Hook, B24OAuth } from '@bitrix24/b24jssdk'

const [webhook, control] = process.argv.slice(2)
const WRITTEN = 120
const portal = B24Hook.fromWebhookUrl(webhook)
portal.offClientSideWarning()

async function controls(path, body) {
  const options = body && { method: 'POST', body: JSON.stringify(body) }
  const answer = await fetch(control + path, options)
  assert.ok(answer.ok, `${path}: ${answer.status}`)
  return answer.json()
}

async function call(method, params = {}, by = portal) {
  const answer = await by.actions.v2.call.make({ method, params })
  assert.ok(answer.isSuccess, answer.getErrorMessages().join('; '))
  return answer.getData().result
}

async function itReadsTheProfileAndTheFields() {
  const profile = await call('profile')
  assert.equal(profile.ID, '1')
  const fields = await call('crm.contact.fields')
  assert.equal(fields.PHONE.isMultiple, true)
  return `${Object.keys(fields).length} fields`
}

async function itCreatesReadsUpdatesAndDeletes() {
  const phones = [{ VALUE: '+7 (912) 345-67-89', VALUE_TYPE: 'WORK' }, { VALUE: '8 912 000-00-01', VALUE_TYPE: 'MOBILE' }]
  const id = await call('crm.contact.add', { fields: { NAME: 'Пётр «&» 100%', PHONE: phones } })
  const made = await call('crm.contact.get', { id })
  assert.equal(made.NAME, 'Пётр «&» 100%')
  assert.deepEqual(made.PHONE.map(row => row.VALUE), phones.map(row => row.VALUE))
  const [first, second] = made.PHONE
  const rows = [{ ID: first.ID, VALUE: '+7 (912) 345-67-80' }, { ID: second.ID, DELETE: 'Y' }, { VALUE: '+7 495 000-00-02', VALUE_TYPE: 'WORK' }]
  assert.equal(await call('crm.contact.update', { id, fields: { PHONE: rows } }), true)
  const changed = await call('crm.contact.get', { id })
  assert.deepEqual(changed.PHONE.map(row => row.VALUE), ['+7 (912) 345-67-80', '+7 495 000-00-02'])
  assert.equal(changed.PHONE[0].ID, first.ID, 'a row keeps its id')
  assert.equal(await call('crm.contact.delete', { id }), true)
  return 'two phones, one changed, one deleted, one added'
}

async function itWritesInBatches() {
  const calls = Array.from({ length: WRITTEN }, (_, n) => ['crm.contact.add', { fields: { NAME: `Новый ${n}`, ORIGIN_ID: `n${n}` } }])
  const answer = await portal.actions.v2.batchByChunk.make({ calls, options: { isHaltOnError: true } })
  assert.ok(answer.isSuccess, answer.getErrorMessages().join('; '))
  const ids = answer.getData()
  assert.equal(new Set(ids.map(Number)).size, WRITTEN, JSON.stringify(ids).slice(0, 200))
  const stored = (await controls('dump')).contacts.filter(contact => /^n\d+$/.test(contact.ORIGIN_ID ?? ''))
  assert.equal(stored.length, WRITTEN)
  return `${WRITTEN} contacts`
}

async function itPages() {
  const all = await portal.actions.v2.callList.make({ method: 'crm.contact.list', params: { select: ['ID', 'NAME'] }, idKey: 'ID' })
  assert.ok(all.isSuccess, all.getErrorMessages().join('; '))
  assert.equal(new Set(all.getData().map(row => row.ID)).size, WRITTEN)
  const streamed = []
  const pages = portal.actions.v2.fetchList.make({
    method: 'crm.item.list', params: { entityTypeId: 3, select: ['id'] }, idKey: 'id', customKeyForResult: 'items'
  })
  for await (const page of pages) streamed.push(...page)
  assert.equal(new Set(streamed.map(item => item.id)).size, WRITTEN)
  return `${all.getData().length} rows, ${streamed.length} items`
}

async function itIsToldOfErrors() {
  const missing = await portal.actions.v2.call.make({ method: 'crm.contact.get', params: { id: 999999 } }).catch(error => error)
  const told = missing instanceof Error ? missing.message : missing.getErrorMessages().join('; ')
  assert.match(told, /status code 400/, 'the portal gives this error no code, and the SDK then tells the status alone')
  const calls = { good: ['profile', {}], bad: ['crm.contact.nonsense', {}] }
  const answer = await portal.actions.v2.batch.make({ calls, options: { isHaltOnError: false } })
  assert.match(answer.getErrorMessages().join('; '), /Method not found/)
  assert.equal(answer.getData().good.ID, '1')
  const unknown = await portal.actions.v2.call.make({ method: 'crm.contact.nonsense', params: {} }).catch(error => error)
  const why = unknown instanceof Error ? unknown.message : unknown.getErrorMessages().join('; ')
  assert.match(why, /not found/i)
  return 'a missing contact, an unknown method alone and in a batch'
}

async function itRenewsItsTokens() {
  const client = { clientId: 'app.js', clientSecret: 'secret' }
  const installed = await controls('act', { do: 'install', client_id: client.clientId, client_secret: client.clientSecret })
  const here = new URL(webhook)
  const application = new B24OAuth({
    applicationToken: installed.application_token ?? '', userId: 1, memberId: installed.member_id,
    accessToken: installed.access_token, refreshToken: installed.refresh_token,
    expires: Math.floor(Date.now() / 1000) + 3600, expiresIn: 3600, scope: 'crm', domain: here.host, status: 'L',
    clientEndpoint: `${here.origin}/rest/`, serverEndpoint: `${here.origin}/rest/`
  }, client)
  const renewed = []
  application.setCallbackRefreshAuth(async ({ b24OAuthParams }) => { renewed.push(b24OAuthParams.refreshToken) })
  assert.equal((await call('profile', {}, application)).ID, '1')
  for (let time = 1; time <= 2; time += 1) {
    await controls('act', { do: 'expire', client_id: client.clientId })
    assert.equal((await call('profile', {}, application)).ID, '1')
    assert.equal(renewed.length, time)
  }
  assert.equal(new Set([installed.refresh_token, ...renewed]).size, 3, 'each refresh token is another')
  return 'twice, each time with the token of the time before'
}

const CHECKS = [
  itReadsTheProfileAndTheFields,
  itCreatesReadsUpdatesAndDeletes,
  itWritesInBatches,
  itPages,
  itIsToldOfErrors,
  itRenewsItsTokens
]

let code = 0
for (const check of CHECKS) {
  const title = check.name.replace(/([A-Z])/g, ' $1').toLowerCase()
  try {
    console.log(`ok    ${title}: ${await check()}`)
  } catch (error) {
    code = 1
    console.log(`FAIL  ${title}: ${error.stack ?? error}`)
  }
}
process.exit(code)
