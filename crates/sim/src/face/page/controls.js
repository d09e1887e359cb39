// The documented controls under /_sim/, and elements made of texts. Everything that is shown goes through `textContent`.
export async function ask(path, body) {
  const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const answer = await fetch(`/_sim/${path}`, options)
  const told = await answer.json()
  if (!answer.ok) throw new Error(told.error ?? `${answer.status}`)
  return told
}

export const $ = id => document.getElementById(id)

/** An element with properties and children; texts become text nodes. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

export const headings = texts => make('tr', {}, ...texts.map(text => make('th', { scope: 'col' }, text)))
