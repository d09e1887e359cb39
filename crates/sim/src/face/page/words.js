// Words of the page in both languages, and the choice between them.
const WORDS = {
  en: {
    language: 'Русский', bitrix24: 'Simulated Bitrix24 portal', onec: 'Simulated 1C infobase', find: 'Name, phone, e-mail, number…',
    create: 'New', id: 'ID', code: 'Code', name: 'Name', phones: 'Phones', emails: 'E-mails', nothing: 'Nothing here.', of: 'of',
    save: 'Save', remove: 'Delete', erase: 'Delete for good', mark: 'Mark for deletion', restore: 'Restore', close: 'Close', more: 'All fields', whole: 'The whole record',
    perLine: 'one a line', saved: 'Saved.', made: 'Created.', gone: 'Deleted.', marked: 'Marked.', restored: 'Restored.', unchanged: 'Nothing has changed.',
    fresh: 'New record', counters: 'Counters', requests: 'Last requests', number: 'No.', at: 'At', request: 'Request', status: 'Status', fate: 'Fault', took: 'Took',
    stop: 'Stop the clock', go: 'Let it go', hour: '+1 h', day: '+1 day', stopped: 'stopped', times: 'times real pace', quiet: 'No requests so far.', lost: 'The simulator does not answer.',
    sets: { contact: 'Contacts', company: 'Companies', requisite: 'Requisites', bankdetail: 'Bank details', address: 'Addresses', recycle_bin: 'Recycle bin' },
    counted: { requests: 'requests', writes: 'writes', limited_503: 'refused by the bucket', limited_429: 'refused by execution time', errors: 'errors', cut: 'cut', sessions: 'sessions' }
  },
  ru: {
    language: 'English', bitrix24: 'Симулятор портала Битрикс24', onec: 'Симулятор базы 1С', find: 'Имя, телефон, почта, номер…',
    create: 'Создать', id: 'ID', code: 'Код', name: 'Название', phones: 'Телефоны', emails: 'Почта', nothing: 'Здесь пусто.', of: 'из',
    save: 'Сохранить', remove: 'Удалить', erase: 'Удалить совсем', mark: 'Пометить на удаление', restore: 'Восстановить', close: 'Закрыть', more: 'Все поля', whole: 'Запись целиком',
    perLine: 'по одному в строке', saved: 'Сохранено.', made: 'Создано.', gone: 'Удалено.', marked: 'Помечено.', restored: 'Восстановлено.', unchanged: 'Ничего не изменилось.',
    fresh: 'Новая запись', counters: 'Счётчики', requests: 'Последние запросы', number: '№', at: 'Время', request: 'Запрос', status: 'Статус', fate: 'Отказ', took: 'Работа',
    stop: 'Остановить часы', go: 'Пустить часы', hour: '+1 ч', day: '+1 день', stopped: 'стоят', times: 'раз быстрее', quiet: 'Запросов ещё не было.', lost: 'Симулятор не отвечает.',
    sets: { contact: 'Контакты', company: 'Компании', requisite: 'Реквизиты', bankdetail: 'Банковские реквизиты', address: 'Адреса', recycle_bin: 'Корзина' },
    counted: { requests: 'запросы', writes: 'записи', limited_503: 'отказано по числу запросов', limited_429: 'отказано по времени методов', errors: 'ошибки', cut: 'оборвано', sessions: 'сеансы' }
  }
}

let language = localStorage.getItem('language') ?? document.documentElement.lang

export const t = key => (WORDS[language] ?? WORDS.en)[key]

/** The name of a set for people; names of 1C are Russian already. */
export function nameOfSet(set) {
  const parts = set.replace(/^[A-Za-z]+_/, '').split(/(?<=[а-яё])(?=[А-ЯЁ])|(?<=[А-ЯЁ])(?=[А-ЯЁ][а-яё])/)
  return t('sets')[set] ?? parts.map((part, at) => at ? part.toLowerCase() : part).join(' ')
}

export function switchLanguage() {
  language = language === 'ru' ? 'en' : 'ru'
  localStorage.setItem('language', language)
}

/** Sets the language of the document. */
export function speak() {
  document.documentElement.lang = language
}
