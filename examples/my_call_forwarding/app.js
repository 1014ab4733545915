// My extensions, where their calls go, and changing that.
import { Refused, Session, SignedOut } from './session.js'

const FIELDS = ['unconditional', 'busy', 'unavailable', 'ring_timer']
const $ = id => document.getElementById(id)

let session

async function start() {
  try {
    session = await Session.open()
    $('issuer').textContent = session.issuer.host
    await session.comeBack()
    if (session.person) await show()
    else if (session.wasHere) return await session.signIn({ silently: true })
  } catch (error) {
    tell(error)
  }
  // Without a server there is nowhere to sign in.
  $('welcome').hidden = !session || session.person !== null
  $('loading').hidden = true
  $('main').removeAttribute('aria-busy')
}

async function show() {
  $('person').textContent = session.person.name
  for (const id of ['person', 'sign-out']) $(id).hidden = false
  const extensions = await all('/extensions/')
  const forwards = await Promise.all(extensions.map(each => session.call('GET', place(each.extension))))
  const drafts = JSON.parse(sessionStorage.getItem('drafts') ?? '{}')
  sessionStorage.removeItem('drafts')
  $('extensions').replaceChildren(
    ...extensions.map((each, at) => card(each, forwards[at], drafts[each.extension])),
  )
  $('extensions').hidden = !extensions.length
  $('empty').hidden = Boolean(extensions.length)
  const count = extensions.length === 1 ? '1 extension' : `${extensions.length} extensions`
  $('status').textContent = `Signed in as ${session.person.name}: ${count}.`
}

async function all(path) {
  const items = []
  let after = null
  do {
    const page = await session.call('GET', `${path}?limit=500${after ? `&after=${encodeURIComponent(after)}` : ''}`)
    items.push(...page.items)
    after = page.next
  } while (after)
  return items
}

const place = extension => `/callforward/users/${encodeURIComponent(extension)}`

function card({ extension, name }, forward, draft) {
  const made = $('extension').content.cloneNode(true).firstElementChild
  const form = made.querySelector('form')
  const [save, undo] = form.querySelectorAll('button')
  const saved = form.querySelector('.saved')
  const title = form.querySelector('h2')
  title.id = `title-${extension}`
  form.setAttribute('aria-labelledby', title.id)
  form.querySelector('.number').textContent = extension
  form.querySelector('.name').textContent = name
  for (const field of form.querySelectorAll('.field')) label(field, extension)
  form.dataset.extension = extension
  put(form, forward)
  if (draft) for (const field of FIELDS) if (field in draft) form.elements[field].value = draft[field] ?? ''

  const looked = () => (save.disabled = undo.disabled = !Object.keys(changed(form)).length)
  form.addEventListener('input', event => {
    saved.textContent = ''
    fault(event.target, '')
    looked()
  })
  form.addEventListener('reset', () => {
    for (const field of FIELDS) fault(form.elements[field], '')
    queueMicrotask(looked)
  })
  form.addEventListener('submit', async event => {
    event.preventDefault()
    if (save.disabled) return
    save.disabled = undo.disabled = true
    form.setAttribute('aria-busy', 'true')
    for (const field of FIELDS) fault(form.elements[field], '')
    $('notice').hidden = true
    try {
      put(form, await session.call('PATCH', place(extension), changed(form)))
      saved.textContent = 'Saved.'
    } catch (error) {
      if (!faults(form, error)) tell(error)
    }
    form.removeAttribute('aria-busy')
    looked()
  })
  looked()
  return made
}

function label(field, extension) {
  const [name, input] = [field.querySelector('label'), field.querySelector('input')]
  input.id = `${input.name}-${extension}`
  name.htmlFor = input.id
  const hint = field.querySelector('.hint')
  if (hint) {
    hint.id = `${input.id}-hint`
    input.setAttribute('aria-describedby', hint.id)
  }
}

// What the server has becomes what "Undo" goes back to.
function put(form, forward) {
  for (const field of FIELDS) form.elements[field].defaultValue = form.elements[field].value = forward[field] ?? ''
  form.querySelector('.summary').textContent = summary(forward)
}

function changed(form) {
  const values = FIELDS.filter(field => form.elements[field].value.trim() !== form.elements[field].defaultValue)
  return Object.fromEntries(values.map(field => [field, value(form.elements[field])]))
}

function value({ name, value }) {
  const text = value.trim()
  if (!text) return null
  if (name !== 'ring_timer') return text.replace(/[\s()/.-]/g, '')
  return /^-?\d+$/.test(text) ? Number(text) : text // what is no number, the server tells
}

function summary({ unconditional, busy, unavailable }) {
  if (unconditional) return `All calls go to ${unconditional}.`
  if (busy && busy === unavailable) return `Calls go to ${busy} when you are busy or do not answer.`
  const told = [busy && `to ${busy} when you are busy`, unavailable && `to ${unavailable} when you do not answer`]
  const some = told.filter(Boolean)
  return some.length ? `Calls go ${some.join(', and ')}.` : 'Calls ring here, and go nowhere else.'
}

// What the server says of one field stands by it. Was it of one?
function faults(form, error) {
  const named = FIELDS.filter(field => field in (error.errors ?? {}))
  for (const field of named) fault(form.elements[field], error.errors[field])
  if (named.length) form.elements[named[0]].focus()
  return named.length > 0
}

function fault(input, text) {
  const field = input.closest('.field')
  field.querySelector('.error')?.remove()
  const hint = field.querySelector('.hint')
  if (text) {
    const told = document.createElement('p')
    Object.assign(told, { id: `${input.id}-error`, className: 'error', textContent: text })
    input.after(told)
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', [told.id, hint?.id].filter(Boolean).join(' '))
    return
  }
  input.removeAttribute('aria-invalid')
  if (hint) input.setAttribute('aria-describedby', hint.id)
  else input.removeAttribute('aria-describedby')
}

// What concerns the whole page, and what to do about it.
function tell(error) {
  const notice = $('notice')
  notice.replaceChildren()
  const say = (title, text) => {
    const [strong, more] = [document.createElement('strong'), document.createElement('p')]
    strong.textContent = title
    more.textContent = text
    notice.append(strong, more)
  }
  if (error instanceof SignedOut) {
    say('Your sign-in has expired.', 'What you typed is kept: sign in again, and save it.')
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', textContent: 'Sign in again' })
    button.addEventListener('click', () => {
      sessionStorage.setItem('drafts', JSON.stringify(drafts()))
      session.signIn()
    })
    notice.append(button)
  } else if (error instanceof Refused && error.missing) {
    say(
      'This page may not do that.',
      `It lacks the scope ${error.missing}. Whoever looks after the server can give it to this application; then sign out, ` +
        'sign in again, and allow it.',
    )
  } else if (error instanceof Refused) say('That did not work.', error.message)
  else say('The server cannot be reached.', `Try again in a moment. (${error.message})`)
  notice.hidden = false
  notice.scrollIntoView({ block: 'nearest' })
}

function drafts() {
  const forms = [...document.querySelectorAll('form')]
  return Object.fromEntries(forms.map(form => [form.dataset.extension, changed(form)]))
}

$('sign-in').addEventListener('click', () => session.signIn())
$('sign-out').addEventListener('click', () => session.signOut())
start()
