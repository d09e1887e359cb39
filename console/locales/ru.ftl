## Общее

failed = Не получилось: { $message }
clock-unread = { $name } пишется как МНОЖИТЕЛЬ@МОМЕНТ, например 20@2026-10-17T09:00:00Z
remedy = Что делать: { $text }
interrupted = Остановлено. Всё сделанное сохранено; повторный запуск продолжит с этого места.
side-name = { $side ->
    [bitrix24] Битрикс24
   *[onec] 1С
 }
yes-word = да
yes-letter = д
store-failed = хранилище obmen не отвечает: { $words }
    .remedy = Проверьте место на диске, права на файл базы и что его не держит другой процесс obmen.
store-full = хранилищу obmen не хватает места: { $words }
    .remedy = Освободите место на диске (или увеличьте квоту) и повторите команду: записанное в Битрикс24 и 1С не потеряно и не будет записано второй раз.
store-in-use = хранилище { $store } занято другим процессом: { $owner }
    .remedy = Сначала остановите его или поручите работу запущенному obmen serve.
store-missing = хранилища { $store } нет
    .remedy = Проверьте путь; относительный ищется в текущей папке.
store-not-empty = в хранилище { $store } уже что-то есть, копировать в него нельзя
    .remedy = Укажите новый файл либо пустую базу или схему.
store-differs = прочитанное обратно не совпало с записанным (отпечатки { $from } и { $to }); копия не сохранена
    .remedy = Работайте с прежним хранилищем и сообщите нам.
store-table = { $table }: { $rows }
store-copied = Скопировано
store-digest-from = Отпечаток прочитанного
store-digest-to = Отпечаток записанного
store-unreachable = база данных хранилища недоступна: { $words }
    .remedy = Проверьте, что сервер PostgreSQL работает, и что в store.url верны адрес, порт, пользователь, пароль и TLS. Когда он вернётся, повторите команду: всё сделанное сохранено.
backup-made = Копия хранилища: { $file } ({ $size } КиБ)
backup-exists = файл { $file } уже есть, и поверх него ничего не пишется
    .remedy = Укажите новое имя или уберите старый файл.
backup-postgres = хранилище в PostgreSQL копируется средствами самой PostgreSQL
    .remedy = Используйте pg_dump или резервное копирование вашего сервера баз данных.
backup-restored = Хранилище восстановлено из копии от { $at }.
    .remedy = Ничего: прочитанное и связанное с тех пор найдётся само. Решения, принятые позже, спросятся заново; журнал за это время потерян.
tls-failed = не удалось подготовить защищённые соединения: { $words }
    .remedy = Установите корневые сертификаты системы (пакет ca-certificates).
answer-needed = нужно подтверждение, а спросить некого
    .remedy = Запустите с ключом --yes.
not-approved = план не подтверждён, ничего не записано

## Настройки

config-here = здесь
config-missing-file = файла настроек { $file } нет
    .remedy = Создайте его по образцу из документации или укажите другой ключом --config. Попробовать без настроек: obmen demo --once.
config-unreadable-file = файл настроек { $file } не читается: { $words }
    .remedy = Проверьте права на файл и что он в кодировке UTF-8.
config-syntax = это не TOML: { $words }
    .remedy = Исправьте запись: строки в кавычках, разделы в квадратных скобках.
config-unknown-key = ключ «{ $key }» неизвестен
    .remedy = Здесь возможны: { $expected }.
config-unknown-value = значение «{ $value }» здесь не подходит
    .remedy = Возможны: { $expected }.
config-missing-key = не хватает ключа «{ $key }»
    .remedy = Добавьте его в этот раздел.
config-wrong-type = значение другого вида: { $found }
    .remedy = Ожидается { $expected }.
config-no-pair = не описана ни одна пара
    .remedy = Добавьте раздел [[pair]] с разделами [pair.bitrix24] и [pair.onec].
config-pair-needed = пар несколько: { $names }
    .remedy = Укажите нужную ключом --pair.
config-pair-unknown = пары «{ $name }» в файле нет; есть: { $names }
    .remedy = Проверьте имя в ключе --pair.
config-pair-twice = имя пары «{ $name }» встречается дважды
    .remedy = Дайте парам разные имена.
config-pair-name = имя пары «{ $value }» не подходит
    .remedy = Используйте до 40 строчных латинских букв, цифр, знаков «-» и «_».
config-persons-empty = не выбран ни один справочник физических лиц
    .remedy = Перечислите в persons хотя бы один: counterparty, contact-person, individual.
config-new-persons = новых людей велено создавать в «{ $value }», но этот справочник не участвует
    .remedy = Добавьте его в persons или измените new_persons.
config-country = «{ $value }» — не код страны
    .remedy = Укажите две заглавные латинские буквы, например RU, KZ, BY.
config-area-code = «{ $value }» — не код города
    .remedy = Укажите от двух до пяти цифр, например 495, или оставьте пустым.
config-settle = { $value } с — слишком долгое ожидание
    .remedy = Укажите не больше 3600 секунд.
config-create = правило создания непонятно начиная с «{ $rest }»
    .remedy = Там ожидается: { $expected }. Правило — это all, none или условия через and: with-inn, company.COMPANY_TYPE = "CUSTOMER", SOURCE_ID in ["WEB", "CALL"], folder != "Сотрудники".
config-create-ends = правило создания обрывается
    .remedy = В конце ожидается: { $expected }. Правило — это all, none или условия через and: with-inn, company.COMPANY_TYPE = "CUSTOMER", SOURCE_ID in ["WEB", "CALL"], folder != "Сотрудники".
config-user-field = «{ $value }» — не имя пользовательского поля CRM
    .remedy = Имя начинается с UF_CRM_ и состоит из заглавных латинских букв, цифр и подчёркиваний.
config-positive = «{ $key }» должно быть больше нуля
    .remedy = Исправьте значение или уберите ключ: тогда действует обычное.
config-parallel = { $value } одновременных запросов к 1С — недопустимо
    .remedy = Укажите от 1 до 16; каждый занимает сеанс 1С, пока выполняется.
config-url = «{ $value }» — не адрес http или https
    .remedy = Укажите полный адрес, например https://сервер/база/odata/standard.odata.
config-address = «{ $value }» — не адрес для приёма соединений
    .remedy = Укажите IP-адрес и порт, например 127.0.0.1:8024.
config-empty = ключ «{ $key }» пуст
    .remedy = Укажите значение.
config-webhook-url = это не адрес входящего вебхука
    .remedy = Скопируйте его из портала целиком: https://портал/rest/номер_пользователя/секрет/.
config-webhook-or-oauth = портал открывается либо по webhook_url, либо по oauth, и одно из них нужно задать
    .remedy = Укажите адрес входящего вебхука в webhook_url или portal, client_id и client_secret локального приложения в oauth; не то и другое сразу.
config-plan-and-node = exchange_plan и exchange_node задаются вместе
    .remedy = Укажите оба: имя плана обмена, созданного только для obmen, и его узел по коду, наименованию или ссылке.
config-env-missing = переменная окружения { $name } не задана
    .remedy = Задайте её перед запуском: export { $name }=…, либо укажите секрет файлом: {"{"} file = "ПУТЬ" {"}"}.
config-secret-file = файл с секретом { $file } не читается: { $words }
    .remedy = Проверьте путь (он считается от файла настроек) и права на файл.
config-store-url = адрес хранилища не понят: { $words }
    .remedy = Укажите sqlite: и имя файла, например sqlite:obmen.db, или postgres://user:password@host/database.
config-store-id-by-odata = идентификаторы хранятся в расширении, только если обмен идёт через него
    .remedy = Используйте kind = "extension" либо store_id = "attribute" или "none".
config-plan-by-extension = план обмена опрашивается только через OData
    .remedy = Уберите exchange_plan и exchange_node: расширение само сообщает, что записано. Либо используйте kind = "odata".
config-manager-id = «{ $value }» — не номер пользователя Битрикс24
    .remedy = Номер виден в адресе профиля: /company/personal/user/НОМЕР/.
config-field-mutual-id = поле взаимных кодов настраивается не здесь
    .remedy = Используйте contact_id_field, company_id_field и store_id.
config-field-none = это поле не отключается
    .remedy = Отключить можно только юридический адрес: [pair.fields] address = {"{"} direction = "none" {"}"}.
config-field-unknown = поля «{ $value }» нет{ $like ->
    [none] {""}
   *[other] ; есть «{ $like }»
 }
    .remedy = Поля каждой пары: name, legal-name, inn, kpp, ogrn, address, phone, email, company, position и manager; те, что добавляет конфигурация, названы в [[pair.field]].
config-own-field-name = «{ $value }» не годится как имя поля
    .remedy = Годятся до 24 строчных латинских букв, цифр и дефисов, первой должна быть буква.
config-own-field-fixed = поле «{ $value }» и так поддерживается одинаковым
    .remedy = Его направление и правило задаются в [pair.fields].
config-own-field-twice = поле «{ $value }» названо дважды
    .remedy = Дайте каждому полю своё имя; поле организаций и поле людей — два поля.
config-own-field-nowhere = не сказано, как поле называется в { $value ->
    [onec] 1С
   *[bitrix24] Битрикс24
 }
    .remedy = Укажите оба имени: bitrix24 — как в crm.contact.fields или crm.company.fields, onec — реквизит или дополнительный реквизит по его имени. Одного имени достаточно только для comment, source, birth-date и deletion-mark.
config-own-field-mark = поле «{ $value }» идёт только из 1С в Битрикс24
    .remedy = Уберите direction или укажите onec-to-bitrix24.
config-own-field-private = «{ $value }» — адрес частного лица, у организаций такого поля нет
    .remedy = Уберите of; юридический адрес организаций ездит как поле address.
config-own-field-values = значение «{ $value }» стоит в таблице дважды
    .remedy = Каждому значению должно соответствовать ровно одно значение другой стороны.
config-own-field-place = { $value } — уже другое поле
    .remedy = Для каждого реквизита достаточно одного поля.
config-profile = профиль конфигурации «{ $value }» не подходит: { $words }
    .remedy = Укажите bp30, ut11, unf или путь к файлу профиля.

## Что говорит сторона

side-not-installed = Битрикс24 не впускает приложение: { $words }
    .remedy = Переустановите приложение («Разработчикам → Интеграции», карточка приложения), пока работает obmen serve и его адрес первоначальной установки доступен снаружи; либо укажите новый refresh_token.
side-unauthorized = { $side ->
    [bitrix24] Битрикс24 не впускает по этому вебхуку: { $words }
   *[onec] 1С не впускает: неверное имя пользователя или пароль ({ $words })
 }
    .remedy = { $side ->
    [bitrix24] Проверьте webhook_url: вебхук мог быть удалён или создан заново, а его владелец — уволен. Новый: «Разработчикам → Другое → Входящий вебхук».
   *[onec] Проверьте user и password. У пользователя 1С должна быть включена «Аутентификация 1С:Предприятия» и роль «Удалённый доступ OData».
 }
side-missing-right = { $side ->
    [bitrix24] у вебхука Битрикс24 нет права: { $what }
   *[onec] у пользователя 1С нет права: { $what }
 }
    .remedy = { $side ->
    [bitrix24] Добавьте право в настройках входящего вебхука и проверьте, что его владелец — администратор портала.
   *[onec] Дайте пользователю 1С роль «Удалённый доступ OData» и право на этот объект без ограничений по записям. Либо запускайте plan и sync с ключом --partial-rights: скрытые записи пропускаются, и ничего не создаётся.
 }
side-closed-composition = 1С не показывает «{ $set }»: объект не входит в состав стандартного интерфейса OData
    .remedy =
        В 1С откройте «Администрирование → Синхронизация данных → Настройка автоматического REST-сервиса» и на закладке «Состав» отметьте названный объект и Контрагенты, КонтактныеЛица (в УТ Партнеры и КонтактныеЛицаПартнеров), ФизическиеЛица, Пользователи, ВидыКонтактнойИнформации (в УНФ ещё Сотрудники и регистры СвязиКонтрагентКонтакт и СотрудникиПользователя) и план видов характеристик ДополнительныеРеквизитыИСведения. Без этой обработки то же делает внешняя обработка с полными правами: Состав = Новый Массив; добавить в него ПолучитьСоставСтандартногоИнтерфейсаOData() и Метаданные.Справочники.Контрагенты и другие; затем УстановитьСоставСтандартногоИнтерфейсаOData(Состав).
side-no-extension = с расширением obmen в 1С нет связи: { $words }
    .remedy = Проверьте, что расширение сборки для этой конфигурации загружено и подключено, что в default.vrd публикации есть <httpServices publishByDefault="false" publishExtensionsByDefault="true"/> и что url ведёт к этой публикации. Файлы и шаги выдаёт obmen setup --extension КАТАЛОГ. До тех пор без него работает kind = "odata".
side-missing-field = { $side ->
    [bitrix24] в Битрикс24 нет поля { $field }
   *[onec] в 1С нет реквизита { $field }
 }
    .remedy = Запустите obmen setup: он создаст поле или скажет, как это сделать.
side-unavailable = { $side ->
    [bitrix24] Битрикс24 не отвечает: { $words }
   *[onec] 1С не отвечает: { $words }
 }
    .remedy = { $side ->
    [bitrix24] Проверьте адрес в webhook_url, сеть и прокси, затем повторите.
   *[onec] Проверьте адрес url, веб-сервер публикации и что база не заблокирована, затем повторите.
 }
side-locked = { $side ->
    [bitrix24] Битрикс24 закрыт на время: { $words }
   *[onec] база 1С заблокирована: { $words }
 }
    .remedy = Дождитесь конца обновления или резервного копирования и повторите команду: сделанное сохранено, остальное продолжится с этого места.
side-no-licence = { $side ->
    [bitrix24] в Битрикс24 нет свободной лицензии: { $words }
   *[onec] в 1С нет свободной клиентской лицензии: { $words }
 }
    .remedy = Каждый сеанс обмена занимает лицензию, пока живёт. Завершите лишние сеансы в консоли администрирования, уменьшите parallel в [pair.onec] или докупите лицензию, затем повторите команду: сделанное сохранено.
side-unpaid = { $side ->
    [bitrix24] Битрикс24 не работает с вебхуками, пока подписка не оплачена: { $words }
   *[onec] 1С не работает, пока подписка не оплачена: { $words }
 }
    .remedy = Продлите тариф или подписку, затем повторите команду: сделанное сохранено.
side-busy = { $side ->
    [bitrix24] запись в Битрикс24 занята: { $words }
   *[onec] записи в 1С заняты: { $words }
 }
    .remedy = Дождитесь, пока закончат другие (групповое перепроведение, обновление, обработка данных), и повторите команду: сделанное сохранено.
side-rejected = { $side ->
    [bitrix24] Битрикс24 отклоняет любой запрос с данными: { $words }
   *[onec] 1С отклоняет любой запрос с данными: { $words }
 }
    .remedy = Проверьте прокси и защитный экран между obmen и системой: что-то на пути не пропускает запросы на запись. Затем повторите команду: сделанное сохранено.
side-limit-reached = { $side ->
    [bitrix24] лимит запросов Битрикс24 исчерпан до { $until }
   *[onec] 1С просит подождать до { $until }
 }
    .remedy = Повторите позже. Если порталом пользуются другие приложения, уменьшите limits.
side-unexpected = { $side ->
    [bitrix24] Битрикс24 ответил не по документации: { $words }
   *[onec] 1С ответила не по документации: { $words }
 }
    .remedy = { $side ->
    [bitrix24] Проверьте, что webhook_url ведёт на портал, а не на страницу входа или прокси.
   *[onec] Проверьте, что url оканчивается на odata/standard.odata и ведёт на базу, а не на страницу входа.
 }

## Ход работы

stage-sweep-bitrix24 = Чтение Битрикс24
stage-sweep-onec = Чтение 1С
stage-planning = Составление плана
stage-looking-up = Проверка перед созданием
stage-companies = Запись компаний
stage-contacts = Запись контактов
stage-settling = Ожидание
stage-comparing = Сравнение
stage-done = { $stage }: { $done }

## Проверка

check-title = Проверка пары «{ $pair }»
check-good = хорошо
check-warning = внимание
check-problem = проблема
check-all-good = Всё готово к обмену.
check-with-warnings = { $count ->
    [one] Обмен возможен, есть { $count } замечание.
    [few] Обмен возможен, есть { $count } замечания.
   *[many] Обмен возможен, есть { $count } замечаний.
 }
check-with-problems = { $count ->
    [one] Обмен невозможен: { $count } проблема.
    [few] Обмен невозможен: { $count } проблемы.
   *[many] Обмен невозможен: { $count } проблем.
 }
check-stops = обмен остановлен: проверка нашла проблемы
    .remedy = Исправьте их и проверьте себя командой obmen check.

## План

plan-counts = Что будет сделано
plan-link = Связать записи
plan-create-bitrix24 = Создать в Битрикс24
plan-create-onec = Создать в 1С
plan-update-bitrix24 = Изменить в Битрикс24
plan-update-onec = Изменить в 1С
plan-unlink = Разорвать связи
plan-mark-bitrix24 = Убрать в корзину Битрикс24
plan-mark-onec = Пометить на удаление в 1С
plan-ask = Спросить человека
plan-withheld = Не создаются на другой стороне
plan-waiting = Ждут свою компанию
plan-section = { $title }: { $count }
plan-more = … и ещё { $count }
plan-only-ids = { $count ->
    [one] Ещё в { $count } запись запишется только код другой стороны.
    [few] Ещё в { $count } записи запишется только код другой стороны.
   *[many] Ещё в { $count } записей запишется только код другой стороны.
 }
plan-empty = Делать нечего: стороны согласованы.
plan-digest = Отпечаток плана: { $digest }
plan-will = Будет { $what }.
plan-will-link = { $count ->
    [one] связана { $count } пара записей
    [few] связано { $count } пары записей
   *[many] связано { $count } пар записей
 }
plan-will-create-bitrix24 = { $count ->
    [one] создана { $count } запись в Битрикс24
    [few] создано { $count } записи в Битрикс24
   *[many] создано { $count } записей в Битрикс24
 }
plan-will-create-onec = { $count ->
    [one] создана { $count } запись в 1С
    [few] создано { $count } записи в 1С
   *[many] создано { $count } записей в 1С
 }
plan-will-update-bitrix24 = { $count ->
    [one] изменена { $count } запись в Битрикс24
    [few] изменено { $count } записи в Битрикс24
   *[many] изменено { $count } записей в Битрикс24
 }
plan-will-update-onec = { $count ->
    [one] изменена { $count } запись в 1С
    [few] изменено { $count } записи в 1С
   *[many] изменено { $count } записей в 1С
 }
plan-will-unlink = { $count ->
    [one] разорвана { $count } связь
    [few] разорвано { $count } связи
   *[many] разорвано { $count } связей
 }
plan-will-nothing = Ничего не будет записано.
plan-will-ask = { $count ->
    [one] { $count } вопрос должен решить человек.
    [few] { $count } вопроса должен решить человек.
   *[many] { $count } вопросов должен решить человек.
 }
plan-kept = остаётся, так как изменено позже: { $fields }
plan-revives = вместо новой вернётся убранная запись { $record }
plan-written = Записано: { $files }
plan-not-written = не удалось записать план в { $folder }: { $words }
    .remedy = Проверьте, что папку можно создать и в неё можно писать.
plan-not-kept = не удалось отложить план во временный файл: { $words }
    .remedy = Освободите место в папке временных файлов или укажите другую в TMPDIR.

## Что план означает

outlook-time = Сколько займёт
outlook-takes = Обмен займёт { $time }.
outlook-below-a-minute = меньше минуты
outlook-minutes = { $minutes ->
    [one] около { $minutes } минуты
   *[many] около { $minutes } минут
 }
outlook-hours = около { $hours } ч { $minutes } мин
outlook-binding = { $binding ->
    [rate] Дольше всего — лимит запросов Битрикс24.
    [execution] Дольше всего — лимит времени, которое Битрикс24 работает на одно приложение.
   *[onec] Дольше всего — работа 1С.
 }
outlook-work = Запросов к Битрикс24 — { $requests }, работы портала — { $execution } с, работы 1С — { $onec } с.
outlook-portal = Роботы Битрикс24
outlook-portal-nothing-new = Новых карточек в Битрикс24 не будет.
outlook-portal-quiet = { $count ->
    [one] { $count } новая карточка не запустит ни роботов, ни бизнес-процессов: она создаётся импортом (allow_automation = false).
    [few] { $count } новые карточки не запустят ни роботов, ни бизнес-процессов: они создаются импортом (allow_automation = false).
   *[many] { $count } новых карточек не запустят ни роботов, ни бизнес-процессов: они создаются импортом (allow_automation = false).
 }
outlook-portal-starts = { $count ->
    [one] { $count } новая карточка может запустить роботов и бизнес-процессы портала (allow_automation = true); какие из них настроены, obmen не знает.
    [few] { $count } новые карточки могут запустить роботов и бизнес-процессы портала (allow_automation = true); какие из них настроены, obmen не знает.
   *[many] { $count } новых карточек могут запустить роботов и бизнес-процессы портала (allow_automation = true); какие из них настроены, obmen не знает.
 }
outlook-portal-changes = { $count ->
    [one] Изменится { $count } карточка, считая ту, в которую запишется код новой записи 1С. Запустит ли это что-нибудь, зависит от портала: obmen этого не знает.
    [few] Изменятся { $count } карточки, считая те, в которые запишется код новой записи 1С. Запустит ли это что-нибудь, зависит от портала: obmen этого не знает.
   *[many] Изменится { $count } карточек, считая те, в которые запишется код новой записи 1С. Запустит ли это что-нибудь, зависит от портала: obmen этого не знает.
 }
outlook-onec = Договоры 1С
outlook-onec-nothing-new = Новых контрагентов не будет.
outlook-onec-contracts = { $count ->
    [one] 1С сама заведёт { $count } договор «{ $name }»: для нового контрагента.
    [few] 1С сама заведёт { $count } договора «{ $name }»: по одному на каждого нового контрагента.
   *[many] 1С сама заведёт { $count } договоров «{ $name }»: по одному на каждого нового контрагента.
 }
outlook-onec-unknown = О договорах, которые эта конфигурация сама заводит новым контрагентам, obmen не известно. Что делают её доработки, он не видит.

## Страница плана

page-title = План обмена «{ $pair }»
page-preview = Предварительный план: пока ничего не записано.
page-date = { $day }.{ $month }.{ $year }
page-moment = Составлен { $date } в { $time } UTC
page-counts = Что будет сделано
page-count = Записей
page-outlook = Чего ожидать
page-marks = Пометки
page-mark-shared = совпадает
page-mark-differs = различается
page-mark-new = появится
page-mark-gone = исчезнет
page-about-ask = Здесь решает человек. Пока решения нет, обмен эти записи не меняет.
page-about-link = Записи двух систем об одном лице. Их свяжут, и дальше они будут одинаковыми.
page-about-create-bitrix24 = Есть в 1С, нет в Битрикс24.
page-about-create-onec = Есть в Битрикс24, нет в 1С.
page-about-update-bitrix24 = Что изменится в карточках Битрикс24.
page-about-update-onec = Что изменится в объектах 1С.
page-about-unlink = Человек решил, что это разные лица, или одна из карточек удалена и вместо неё есть другая. Связь закончится.
page-about-withheld = Есть только на одной стороне и там останутся.
page-about-waiting = Люди, чья компания ещё не связана. Их очередь после неё.
page-before = Было
page-after = Станет
page-written = Будет записано
page-source = По записи
page-not-seen = больше не существует
page-decide = Решить после запуска обмена: { $command }
page-all-in-files = Все шаги — в plan.csv (для таблиц) и plan.json (для программ).
page-cards = Номер ведёт в карточку: в Битрикс24 и в веб-клиент 1С. В самой 1С её открывает «Перейти по ссылке» (Shift+F11): вставьте часть адреса после знака #.
page-digest = Отпечаток плана: { $digest }. У обмена, который сделает ровно это, отпечаток тот же.
page-personal = Здесь персональные данные: передавайте файл только тем, кому можно их видеть.
csv-separator = ;

## Поля и места

field-name = { $kind ->
    [company] Название
   *[contact] Имя
 }
field-legal-name = Полное название
field-inn = ИНН
field-kpp = КПП
field-ogrn = ОГРН
field-address = Юридический адрес
field-phone = Телефон
field-phone-extension = { $number } доб. { $extension }
field-email = Почта
field-company = Компания
field-position = Должность
field-manager = Ответственный
field-mutual-id = Код другой стороны
place-contact = контакт
place-company = компания
place-counterparty = контрагент
place-contact-person = контактное лицо
place-individual = физическое лицо

## Обмен

fewer-records = найдено гораздо меньше записей, чем при последнем полном чтении, поэтому ничего не записано: { $falls }
    .remedy = Проверьте права владельца вебхука и пользователя 1С и что база — не старая и не наполовину восстановленная копия: те, кого в ней нет, были бы созданы второй раз. Если записи действительно удалены, запустите один раз с ключом --accept-fewer.
fewer-of = { $name } — { $now } вместо { $before }
sync-question = Выполнить? [д/Н]
sync-large = план меняет больше десятой части { $side ->
    [bitrix24] записей Битрикс24
   *[onec] записей 1С
 }: { $changes } из { $records }
    .remedy = Посмотрите obmen plan. Если всё верно, запустите с ключом --accept-large.
report-title = Итог
report-linked = Связано
report-created-bitrix24 = Создано в Битрикс24
report-created-onec = Создано в 1С
report-updated-bitrix24 = Изменено в Битрикс24
report-updated-onec = Изменено в 1С
report-unchanged = Без изменений
report-reviews = Ждут решения человека
report-failed = Не удалось
report-waiting = Ждут свою компанию
report-requests-bitrix24 = Запросов к Битрикс24
report-requests-onec = Запросов к 1С
report-seconds = Секунд
report-run = Запуск { $run }, отпечаток плана { $digest }
report-next-review = Посмотреть, что ждёт решения: obmen review list

## Журнал и отмена

journal-run = Запуск
journal-began = Начало (UTC)
journal-linked = Связано
journal-created = Создано (Битрикс24 / 1С)
journal-updated = Изменено (Битрикс24 / 1С)
journal-marked = Убрано (Битрикс24 / 1С)
journal-empty = Пока ничего не записано.
journal-next = Что записал запуск: obmen journal ЗАПУСК. Отменить его: obmen undo ЗАПУСК
journal-no-run = в журнале нет запуска { $run }
    .remedy = Запуски перечисляет obmen journal.
undo-title = Отмена запуска { $run }
undo-of-undo = { $run } сам является отменой, а отмену отменить нельзя
    .remedy = obmen sync снова сведёт обе стороны.
undo-needs-yes = здесь некого спросить, и ничего не записано
    .remedy = Если показанный план верен, запустите с ключом --yes.
undo-update-bitrix24 = Вернуть значения в Битрикс24
undo-update-onec = Вернуть значения в 1С
undo-stays = Остаётся, с причиной
undo-marked-bitrix24 = Убрано в корзину Битрикс24
undo-marked-onec = Помечено на удаление в 1С
undo-updated-bitrix24 = Возвращены значения в Битрикс24
undo-updated-onec = Возвращены значения в 1С
undo-unlinked = Разорвано связей
stay-changed = кто-то изменил после этого
stay-written-since = более поздний запуск писал в неё или в ту, из которой она создана
stay-linked-otherwise = теперь связана с другой записью
stay-decided = о ней решил человек; это отменяют другим решением
stay-deal = по ней есть сделка
stay-activity = по ней есть звонки, письма или дела
stay-contract = по ней есть договор
stay-document = по ней есть документы
stay-people = к ней относится тот, кто остаётся
stay-refused = система не приняла; её слова покажет obmen why ЗАПИСЬ
stay-failed = ни одна попытка записи не удалась; запустите отмену ещё раз
stay-untold = журнал не говорит, какой она была сразу после создания

## Состояние и вопросы

status-title = Пара «{ $pair }»
status-seen = Видели записей: { $name }
status-links = Связано: { $name }
status-dirty = Ждут обработки: { $name }
status-reviews = Ждут решения: { $name }
status-intents = Записи с неизвестным исходом
status-lag = Дольше всего ждёт то, чему пора, секунд
status-limits = Лимиты портала
status-limit-requests = Запросов в его запасе
status-limit-refused = Запас исчерпан не только нами; запросов не будет до (UTC)
status-limit-method = { $method }, секунд работы
status-limit-others = { $method }, насчитано сверх наших вызовов
status-limit-of = { $used } из { $all }
status-found = obmen serve находит то, о чём никто не сообщил, за (секунд)
status-found-bitrix24 = Новое и изменённое в Битрикс24
status-found-onec = Новое, изменённое и исчезнувшее в 1С (или впятеро дольше обхода)
status-found-gone = Исчезнувшее из Битрикс24 (или в двадцать раз дольше обхода)
status-found-other = Связи людей с компаниями, удалённые реквизиты
status-nothing = Обмена ещё не было. Начните с obmen plan.
name-bitrix24-company = компании Битрикс24
name-bitrix24-contact = контакты Битрикс24
name-onec-company = организации 1С
name-onec-contact = физические лица 1С
name-company = компании
name-contact = контакты
review-none = Ничего не ждёт решения.
review-match = одно и то же?
review-twins = двойники
review-conflict = разные значения
review-refused = данные не приняты
review-deletion = удаление
review-id = Номер
review-kind = Вопрос
review-records = Записи
review-reason = Почему
review-field = Поле
review-side = Сторона
review-of-bitrix24 = Битрикс24
review-of-onec = 1С
review-can = Что можно решить:
decided-link = { $a } и { $b } — одно лицо. Следующий obmen sync сведёт их вместе.
decided-apart = { $a } и { $b } — разные лица и связаны не будут. Следующий obmen sync вернёт то, что принесла связь.
decided-ended = { $a } и { $b } связаны не будут, и ни одна из записей не будет создана на другой стороне заново.
decided-choose = { $field }: остаётся значение { $side ->
    [bitrix24] Битрикс24
   *[onec] 1С
 }. Следующий obmen sync его запишет.
letters-cause = { $count ->
    [one] Не записана { $count } запись: { $reason }
    [few] Не записаны { $count } записи: { $reason }
   *[other] Не записано { $count } записей: { $reason }
 }
letters-more = … и другие причины: { $count }. Все: obmen review list
retry-none = Повторять нечего.
retry-taken-up = { $count ->
    [one] { $count } запись снова в работе: её запишет следующий obmen sync.
    [few] { $count } записи снова в работе: их запишет следующий obmen sync.
   *[other] { $count } записей снова в работе: их запишет следующий obmen sync.
 }
retry-nothing-waits = у записи { $record } нечего повторять
    .remedy = Посмотрите, что с ней: obmen why { $record }
decision-unknown = запись { $record } неизвестна
    .remedy = Укажите contact:12, company:5 или Ref_Key из 1С. Запись известна после того, как её прочитали sync или plan.
decision-not-comparable = о { $a } и { $b } нечего решать
    .remedy = Назовите две разные записи: обе о людях или обе об организациях.
decision-linked = { $record } связана с { $with }
    .remedy = Если та связь неверна, сначала разорвите её: obmen review separate { $record } { $with }
decision-out = { $record } не участвует в обмене
    .remedy = Почему, скажет obmen why { $record }; с помеченного на удаление объекта сначала снимите пометку.
decision-no-review = вопроса { $id } среди ожидающих нет
    .remedy = Посмотрите, что ждёт решения: obmen review list
decision-no-field = поля { $field } нет
    .remedy = Возьмите слово, которое obmen review list показывает в скобках.
decision-nothing-to-choose = в этом вопросе нельзя выбрать значение поля { $field }
    .remedy = Посмотрите на него: obmen review show.
decision-ends-employment = компанию убрали { $side ->
    [bitrix24] в Битрикс24
   *[onec] в 1С
 }, а сам обмен никого от компании не отсоединяет
    .remedy = Уберите её и в другой системе: тогда вопрос закроется сам. Или выберите другую сторону: компания вернётся.
decision-neither = такого значения нет ни на одной стороне: в Битрикс24 «{ $bitrix24 }», в 1С «{ $onec }»
    .remedy = Выберите bitrix24 или onec либо исправьте значение в одной из систем.

## Почему

why-record = { $record } «{ $name }»: { $standing }
why-gone = { $record }: больше не существует
why-link = Связана с { $with }: { $reason }
why-no-link = Не связана
why-withheld = На другой стороне не создаётся: { $reason }
withheld-one-way = пара работает в одну сторону, и ведущая — другая
withheld-partial-rights = часть записей может быть скрыта правами (--partial-rights)
withheld-nothing = там ничего не создаётся ([pair.create])
withheld-unmet = не выполнено условие { $condition } ([pair.create])
withheld-with-its-company = не создаётся компания, к которой она относится
why-dirty = Ждёт очереди на просмотр
why-review = Спрашивают человека ({ $id }): { $reason }
why-neighbours = Записи, у которых с ней есть общее:
why-partner = связана с { $with }
why-journal = Что было сделано:
standing-takes-part = участвует
standing-marked = помечена на удаление
standing-folder = не участвует: группа
standing-predefined = не участвует: предопределённый элемент
standing-own-company = не участвует: собственная компания
standing-inactive = не участвует: отмечена как недействительная
standing-not-of-counterparty = не участвует: контактное лицо не контрагента
standing-part-of-company = не участвует: это реквизиты самой компании, за них говорит её карточка
standing-empty = не участвует: нет ни имени, ни телефона, ни почты, ни ИНН
standing-catalog-not-chosen = не участвует: её справочник не выбран
evidence-inn = общий ИНН { $value }
evidence-email = общая почта { $value }
evidence-email-weak = общая почта { $value }, но она у многих и ничего не говорит
evidence-phone = общий телефон { $value }
evidence-phone-weak = общий телефон { $value }, но он у многих и ничего не говорит
evidence-name = общее имя
evidence-id = общий сохранённый идентификатор
evidence-names-same = имена совпадают
evidence-names-compatible = имена могут быть одного лица
evidence-names-different = имена разные
evidence-names-unknown = у одной из записей нет имени
evidence-same = одно лицо ({ $reason })
evidence-doubtful = под вопросом: { $reason }
evidence-different = разные лица
evidence-nothing = ничто не говорит за одно лицо
linked-by-mutual-id = называют друг друга
linked-by-inn = один ИНН
linked-by-email = одна почта, имена согласуются
linked-by-phone = один телефон, имена согласуются
linked-by-decision = решил человек
linked-by-copy = одна создана из другой
ruling-same = человек решил: одно лицо
ruling-apart = человек решил: разные лица
ruling-ended = человек разорвал их связь
ruling-taken-back = одна создана из другой и отменена
event-linked = связана с { $with }: { $reason }
event-unlinked = связь с { $with } разорвана
event-unlinked-kept = связь с { $with } разорвана; изменено позже и потому оставлено: { $kept }
event-ruled = { $with }: { $ruling }
event-chosen = { $field }: человек выбрал значение { $side ->
    [bitrix24] Битрикс24
   *[onec] 1С
 }
event-retried = человек разрешил продолжать
event-created = создана из { $source }
event-marked = отменена: была создана из { $source }
event-updated = изменена
event-overwrote = перезаписано значение, которое кто-то только что ввёл
event-refused = не принято: { $words }
event-unanswered = запись без ответа
change-changed-there = изменено на другой стороне
change-fills-empty = было пусто
change-unites = значения сторон объединяются
change-fuller-name = более полное написание
change-sound-number = на другой стороне номер верный, здесь с ошибкой
change-owned-there = принадлежит другой стороне
change-rule-prefers = правило предпочитает другую сторону
change-leads = ведёт другая сторона
change-keeps-id = хранит код другой стороны
change-taken-back = возвращено прежнее

## Демонстрация и симуляторы

demo-sizes = Придуманная фирма: { $people } человек, { $companies } компаний; лимиты портала и часы симуляторов идут в { $factor } раз быстрее настоящих.
demo-before = Было до обмена
demo-contacts = Контактов в Битрикс24
demo-companies = Компаний в Битрикс24
demo-objects = Объектов в 1С: { $set }
demo-refused = Отказов по лимитам
demo-truth = Сверка с истиной
demo-right = Верных связей
demo-of = { $count } из { $total }
demo-wrong = Неверных связей
demo-missed = Не связано
demo-twins = Лишних копий
demo-live = Теперь на обеих сторонах работают придуманные сотрудники, и каждое изменение сразу переносится. Завершить: Ctrl-C.
demo-entered = новая запись
demo-phone = изменён телефон
demo-mailbox = изменён e-mail
demo-renamed = изменено имя
demo-joined = место работы
demo-deleted = удаление
demo-carried = { $side ->
        [bitrix24] Битрикс24: { $name } — { $deed } → 1С через { $seconds } с
       *[onec] 1С: { $name } — { $deed } → Битрикс24 через { $seconds } с
    }
demo-asked = { $side ->
        [bitrix24] Битрикс24: { $name } — { $deed }: в 1С ничего не удаляется, решает человек
       *[onec] 1С: { $name } — пометка удаления: в Битрикс24 ничего не удаляется, решает человек
    }
demo-quiet = Сотрудники закончили; начатое доводится до конца. Не ждать: ещё раз Ctrl-C.
demo-lived = Живой обмен
demo-changes = Изменений сотрудников
demo-created = Записей создано обменом
demo-updated = Записей изменено обменом
demo-ids = Обратно записано id
demo-calls-bitrix24 = Изменяющих вызовов в Битрикс24
demo-calls-onec = Изменяющих вызовов в 1С
demo-into-onec = Битрикс24 → 1С
demo-into-bitrix24 = 1С → Битрикс24
demo-lags = { $count }: половина за { $median } с, 99 из 100 за { $worst } с
demo-found-late = Изменений, найденных лишь полным чтением
demo-equal = Одинаковых пар
demo-listed = Расхождений с объяснением
demo-unexplained = Расхождений без объяснения
demo-twins-made = Двойников
demo-addresses = Битрикс24: { $bitrix24 }
    1С: { $onec }
demo-configuration = Посмотреть изнутри: obmen --config { $path } review list
demo-failed = демонстрация не запустилась: { $words }
    .remedy = Проверьте, что можно открывать соединения на 127.0.0.1 и писать во временную папку.
sim-bases = { $folder }: b24.jsonl, строк: { $bitrix24 }; onec.jsonl, строк: { $onec }; truth.json
sim-unwritten = файл { $file } не записывается: { $words }
sim-data = файл данных { $file }, строка { $line }: { $words }
    .remedy = Каждая строка — один объект JSON в формате загрузки.
sim-file = файл { $file } не читается: { $words }
    .remedy = Проверьте путь и права.
sim-faults = файл отказов { $file } не понят: { $words }
    .remedy = Нужен документ JSON в формате отказов симулятора.
sim-option = { $option }: { $words }
sim-tls = сертификат { $certificate } и ключ { $key } не подходят: { $words }
    .remedy = Оба — файлы PEM: сертификат, с цепочкой, если она есть, и его закрытый ключ без пароля.
sim-configuration = симулятора конфигурации «{ $value }» нет
    .remedy = Есть: bp30, ut11, unf.
sim-start = симулятор не запустился: { $words }
    .remedy = Возьмите другой порт или --port 0.

## Находки проверки: Битрикс24

check-bitrix24-connection = портал отвечает: контактов { $contacts }, компаний { $companies }
check-bitrix24-unauthorized = портал не впускает по этому вебхуку: { $words }
    .remedy = Проверьте webhook_url: вебхук мог быть удалён или создан заново, а его владелец — уволен. Новый: «Разработчикам → Другое → Входящий вебхук». У приложения проверьте client_id и client_secret.
check-bitrix24-not-installed = портал не впускает приложение: { $words }
    .remedy = Установите приложение (заново), пока работает obmen serve и его адрес первоначальной установки доступен снаружи; либо укажите новый refresh_token.
check-bitrix24-unreachable = портал не отвечает: { $words }
    .remedy = Проверьте адрес в webhook_url, сеть и прокси.
check-bitrix24-unpaid = портал не работает с вебхуками, пока подписка не оплачена: { $words }
    .remedy = Продлите тариф или подписку.
check-bitrix24-admin = владелец вебхука (пользователь { $user }) — администратор
check-bitrix24-not-admin = владелец вебхука (пользователь { $user }) не администратор: часть записей может быть от него скрыта, и обмен создал бы их двойников
    .remedy = Создайте вебхук от имени администратора портала. Либо запускайте plan и sync с ключом --partial-rights: тогда ничего не создаётся.
check-bitrix24-scope-granted = право «{ $scope }» есть
check-bitrix24-scope = у вебхука нет права «{ $scope }»
    .remedy = Откройте вебхук в портале («Разработчикам → Интеграции») и добавьте это право; адрес вебхука не изменится.
check-bitrix24-scope-user = у вебхука нет права «{ $scope }»: ответственных нельзя сопоставить по почте
    .remedy = Добавьте вебхуку право user или user_basic либо перечислите сотрудников в [pair.managers].
check-bitrix24-field = поле { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }) есть
check-bitrix24-field-type = поле { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }) не строковое или множественное
    .remedy = Укажите в настройках имя другого поля; obmen setup создаст его.
check-bitrix24-field-missing = нет поля { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 })
    .remedy = Запустите obmen setup: он создаст поле.
check-bitrix24-field-absent = нет поля { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }): ИНН будет только в реквизитах
    .remedy = Если поле нужно, запустите obmen setup.
check-bitrix24-attribute-missing = [pair.create] onec спрашивает о поле { $field }, которого у записей этого портала нет
    .remedy = Назовите поле так, как crm.contact.fields или crm.company.fields, например TYPE_ID, SOURCE_ID, UF_CRM_…; тип компании — COMPANY_TYPE.
check-bitrix24-presets = шаблоны реквизитов есть: организация ({ $company }), предприниматель ({ $entrepreneur })
check-bitrix24-preset-entrepreneur = нет шаблона реквизитов для предпринимателя
    .remedy = Добавьте его: CRM → Настройки → Реквизиты → Шаблоны. До тех пор действует шаблон организации.
check-bitrix24-presets-missing = нет ни одного шаблона реквизитов организации
    .remedy = Добавьте его: CRM → Настройки → Реквизиты → Шаблоны, страна «Россия».
check-bitrix24-limits = лимиты: { $per_second } запр./с, запас { $burst }, { $execution_seconds } с работы на метод за { $window_seconds } с
check-bitrix24-queue = портал ведёт для приложения очередь изменений, без его собственных
check-bitrix24-queue-with-echo = портал ведёт для приложения очередь изменений
check-bitrix24-queue-missing = на тарифе портала нет очереди изменений с подтверждением; изменения находит опрос
    .remedy = Делать ничего не нужно. На тарифе с офлайн-событиями («Профессиональный» и выше) запросов меньше.
check-onec-plan = 1С сообщает о записанном через план обмена { $plan }, узел { $node }
check-onec-plan-closed = плана обмена { $plan } нет в составе интерфейса OData
    .remedy = Проверьте exchange_plan и добавьте план в состав стандартного интерфейса OData.
check-onec-node-missing = в плане обмена { $plan } нет узла { $node }
    .remedy = Создайте в плане отдельный узел для obmen или исправьте exchange_node: его код, наименование или ссылку.
check-onec-node-own = узел { $node } плана обмена { $plan } — сама эта база
    .remedy = Создайте для obmen другой узел: для этого никогда ничего не регистрируется.
setup-bitrix24-field-present = поле { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }) уже есть
setup-bitrix24-field-created = поле { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }) создано
setup-bitrix24-field-type = поле { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }) занято под другой вид данных
    .remedy = Укажите в настройках имя другого поля и повторите obmen setup.
setup-bitrix24-field-failed = поле { $field } ({ $entity ->
    [company] компании
   *[contact] контакты
 }) не создалось: { $words }
    .remedy = Создайте его сами: CRM → Настройки → Пользовательские поля, тип «Строка», код поля как указано.

setup-extension-written = Файлов расширения 1С: { $count } (сборки: { $builds }), каталог { $folder }. Полное описание — в onec-extension.ru.md рядом.
setup-extension-unwritten = не удалось записать { $file }: { $words }
setup-extension-steps =
    Загрузка { $folder } (сделайте копию базы; в это время в ней никто не работает).
    Конфигуратором:
      1cv8 DESIGNER /S server\base /N Администратор /P пароль /DisableStartupDialogs /LoadConfigFromFiles { $folder } -Extension ОбменСБитрикс24 /UpdateDBCfg -Extension ОбменСБитрикс24 /Out load.log
    Или утилитой ibcmd, когда сервер базы остановлен:
      ibcmd extension create --db-path=/srv/base --name=ОбменСБитрикс24 --name-prefix=обм_ --purpose=add-on
      ibcmd infobase config import --db-path=/srv/base --extension=ОбменСБитрикс24 { $folder }
      ibcmd infobase config apply --db-path=/srv/base --extension=ОбменСБитрикс24 --force
setup-extension-after =
    Затем:
      1. Дайте пользователю obmen роль обм_Обмен: Администрирование → Настройки пользователей и прав → Профили групп доступа.
      2. В default.vrd публикации: <httpServices publishByDefault="false" publishExtensionsByDefault="true"/>.
      3. В obmen.toml, [pair.onec]: kind = "extension". Проверьте: obmen check.
    Реальной платформой расширение ещё не загружалось: сначала загрузите его в копию базы.

## Находки проверки: 1С

check-onec-by-odata = связь с 1С — через стандартный интерфейс OData
check-onec-by-extension = связь с 1С — через расширение obmen { $version }, сборка { $build }, конфигурация { $configuration }
check-onec-no-extension = с расширением obmen нет связи: { $words }
    .remedy = Проверьте, что расширение загружено и подключено, что в default.vrd публикации есть <httpServices publishByDefault="false" publishExtensionsByDefault="true"/> и что url ведёт к этой публикации. Файлы и шаги выдаёт obmen setup --extension КАТАЛОГ.
check-onec-build-other = сборка расширения { $build } не подходит к профилю { $profile }
    .remedy = Загрузите сборку { $profile } или исправьте configuration.
check-onec-notify-off = об изменениях расширение спрашивают каждые poll_seconds секунд; само оно не оповещает
check-onec-safe-mode = расширение работает в безопасном режиме: { $words }
    .remedy = Так оно работает. Если записи отклоняются из-за нехватки прав, снимите у расширения «Безопасный режим» и «Защита от опасных действий»: Администрирование → Печатные формы, отчеты и обработки → Расширения.
check-onec-no-subscription = об изменениях «{ $set }» сразу не сообщается: { $words }
    .remedy = Они находятся сравнением версий, раз в десять минут. После обновления конфигурации загрузите расширение снова.
check-onec-copy = эта база — копия той, которая оповещает: { $words }
    .remedy = Если база действительно переехала, очистите константу «База, из которой идет оповещение».
check-onec-lack = расширению чего-то не хватает: { $words }
    .remedy = Дайте пользователю 1С роль обм_Обмен и права на чтение и изменение этого объекта или загрузите сборку для этой конфигурации.
check-onec-connected = база отвечает, профиль { $profile }
check-onec-unauthorized = база не впускает: неверное имя пользователя или пароль ({ $words })
    .remedy = Проверьте user и password. У пользователя 1С должна быть включена «Аутентификация 1С:Предприятия» и роль «Удалённый доступ OData».
check-onec-unavailable = база не отвечает: { $words }
    .remedy = Проверьте адрес url, веб-сервер публикации (элемент standardOdata в default.vrd) и что база не заблокирована.
check-onec-locked = база заблокирована: { $words }
    .remedy = Дождитесь конца обновления или резервного копирования и проверьте снова.
check-onec-no-licence = в базе нет свободной клиентской лицензии: { $words }
    .remedy = Завершите лишние сеансы в консоли администрирования, уменьшите parallel в [pair.onec] или докупите лицензию.
check-onec-unexpected = база ответила не так, как положено: { $words }
    .remedy = Проверьте, что url оканчивается на odata/standard.odata и ведёт на базу, а не на страницу входа.
check-onec-right-missing = у пользователя 1С нет права: { $what }
    .remedy = Дайте пользователю роль «Удалённый доступ OData» и право на этот объект без ограничений по записям.
check-onec-set-closed = «{ $set }» не входит в состав стандартного интерфейса OData
    .remedy =
        В 1С откройте «Администрирование → Синхронизация данных → Настройка автоматического REST-сервиса» и на закладке «Состав» отметьте Контрагенты, КонтактныеЛица, ФизическиеЛица, Пользователи, ВидыКонтактнойИнформации и план видов характеристик ДополнительныеРеквизитыИСведения. Без этой обработки то же делает внешняя обработка с полными правами: Состав = Новый Массив; добавить в него ПолучитьСоставСтандартногоИнтерфейсаOData() и Метаданные.Справочники.Контрагенты и другие; затем УстановитьСоставСтандартногоИнтерфейсаOData(Состав).
check-onec-field-missing = в базе нет реквизита { $field }, который нужен обмену
    .remedy = Проверьте, что configuration указан верно; для доработанной конфигурации сделайте свой профиль.
check-onec-attribute-missing = [pair.create] bitrix24 спрашивает о реквизите { $field }, которого у клиентов этой базы нет
    .remedy = Назовите реквизит как в 1С, без пробелов, например ВидКонтрагента; группа контрагента — слово folder, если в конфигурации есть группы контрагентов.
check-pair-same-ids = пара { $pair } хранит свои коды в том же месте той же системы, и каждая пара затирала бы коды другой
    .remedy = Задайте каждой паре одного портала свои contact_id_field и company_id_field (их создаёт `obmen setup`), каждой паре одной базы — свой id_attribute.
check-own-field = поле { $field } { $kind ->
    [company] компаний
   *[contact] контактов
 } поддерживается одинаковым ({ $left ->
    [text] текст
    [address] адрес
    [number] число
    [whole-number] целое число
    [date] дата
    [moment] дата и время
    [flag] да или нет
   *[choice] список
 }; { $right ->
    [text] текст
    [address] адрес
    [number] число
    [whole-number] целое число
    [date] дата
    [moment] дата и время
    [flag] да или нет
   *[choice] список
 })
check-private-address = адреса частных лиц (поле { $field }) поддерживаются одинаковыми; это персональные данные
    .remedy = Обрабатывайте их только при наличии законного основания (152-ФЗ). Чтобы они не ездили, уберите [[pair.field]] «{ $field }».
check-private-address-type = [[pair.field]] «{ $field }»: в Битрикс24 нет вида адреса { $at }
    .remedy = Укажите в bitrix24 номер вида: 1 — фактический, 4 — регистрации, 6 — юридический, 8 — почтовый, 9 — бенефициара, 11 — доставки; без bitrix24 — 4.
check-private-address-kind = [[pair.field]] «{ $field }»: ни у одного справочника людей в 1С нет вида контактной информации для адреса
    .remedy = Заведите в группе видов справочника вид с типом «Адрес» и назовите его в onec по имени или наименованию.
check-private-address-nowhere = адреса людей из «{ $set }» не ездят: у справочника нет вида контактной информации для адреса
    .remedy = Заведите в его группе видов вид с типом «Адрес» и добавьте его в onec поля private-address по имени или наименованию.
check-own-field-missing = у { $kind ->
    [company] организаций
   *[contact] людей
 } нет { $at }, о котором говорит [[pair.field]] «{ $field }»{ $like ->
    [none] {""}
   *[other] ; возможно, это «{ $like }»
 }
    .remedy = Поле Битрикс24 называйте как в crm.contact.fields или crm.company.fields, реквизит 1С — как в 1С без пробелов, дополнительный реквизит — по имени или заголовку.
check-own-field-taken = { $at }, о котором говорит [[pair.field]] «{ $field }», и так поддерживается одинаковым или нужен самой программе
    .remedy = Уберите этот [[pair.field]]; направление и правило полей каждой пары задаются в [pair.fields].
check-own-field-read-only = { $at }, о котором говорит [[pair.field]] «{ $field }», никто не может записать
    .remedy = Назовите другое поле.
check-own-field-type = значения { $at }, о котором говорит [[pair.field]] «{ $field }», нельзя поддерживать одинаковыми: { $sort ->
    [multiple] в поле несколько значений
    [file] это файлы
    [money] это суммы с валютой
    [employee] это сотрудники портала
    [crm] это ссылки на другие карточки
   *[other] тип { $sort }
 }
    .remedy = Можно: текст, число, дату, «да» или «нет», список, в 1С — ссылку на справочник. Нельзя: несколько значений или несколько типов в одном поле.
check-own-field-untold = 1С не сообщает, какого типа значения { $at }, о котором говорит [[pair.field]] «{ $field }»
    .remedy = В плане видов характеристик «Дополнительные реквизиты и сведения» стандартный интерфейс этой базы не показывает тип значения. Подключитесь через расширение (kind = "extension") или назовите реквизит справочника.
check-own-field-closed = значения { $at }, о котором говорит [[pair.field]] «{ $field }», лежат в «{ $set }», который не опубликован
    .remedy = Добавьте его в состав стандартного интерфейса OData, а при связи через расширение загрузите его последнюю сборку: она читает списки дополнительных значений и не читает других справочников сверх нужных ей самой.
check-own-field-crowded = значения { $at }, о котором говорит [[pair.field]] «{ $field }», лежат в «{ $set }», где их больше тысячи
    .remedy = По названиям значений поддерживаются одинаковыми только короткие списки.
check-own-field-parted = [[pair.field]] «{ $field }»: на одной стороне это поле есть только у организаций, на другой — только у людей
    .remedy = Укажите в of, чьё это поле, и назовите то, что есть на обеих сторонах.
check-own-field-sorts = поле { $field } содержит разное: в Битрикс24 — { $left ->
    [text] текст
    [address] адрес
    [number] число
    [whole-number] целое число
    [date] дата
    [moment] дата и время
    [flag] да или нет
   *[choice] список
 }, в 1С — { $right ->
    [text] текст
    [address] адрес
    [number] число
    [whole-number] целое число
    [date] дата
    [moment] дата и время
    [flag] да или нет
   *[choice] список
 }
    .remedy = Возьмите поле того же типа или текстовое; или укажите в values, какое значение чему соответствует.
check-own-field-value = таблица поля { $field } называет «{ $value }», такого значения здесь нет{ $like ->
    [none] {""}
   *[other] ; возможно, это «{ $like }»
 }
    .remedy = Слева пишите значения 1С, справа — Битрикс24, так, как их видят люди; для Битрикс24 годится и код.
check-own-field-choices = в списке поля { $field } здесь не хватает: { $values }
    .remedy = Добавьте значения в список или укажите в values, какое значение чему соответствует. Записи с такими значениями будут показаны вам.
check-onec-set-readable = «{ $set }» читается
check-onec-kinds-found = виды контактной информации «{ $set }»: телефонов { $phones }, почты { $emails }
check-onec-kinds-missing = для «{ $set }» нет ни одного известного вида контактной информации: { $sort ->
    [phone] телефон
   *[email] электронная почта
 }
    .remedy = Проверьте виды в 1С: «Администрирование → Общие настройки → Контактная информация»; для доработанной конфигурации сделайте свой профиль.
check-onec-id-attribute-found = дополнительный реквизит «{ $name }» есть
check-onec-id-attribute-missing = нет дополнительного реквизита «{ $name }» для номера из Битрикс24
    .remedy = Запустите obmen setup. Если номер в 1С не нужен, укажите store_id = "none".
check-onec-id-attribute-created = дополнительный реквизит «{ $name }» создан
check-onec-id-attribute-by-hand = дополнительный реквизит «{ $name }» не создался сам: { $reason }
    .remedy = Создайте его: «Администрирование → Общие настройки → Дополнительные реквизиты», тип «Строка», имя как указано, для контрагентов и контактных лиц.
check-onec-manager-attribute-found = дополнительный реквизит «{ $name }» для ответственного есть
check-onec-manager-attribute-missing = нет дополнительного реквизита «{ $name }»: ответственные не передаются
    .remedy = Создайте его в 1С (тип «Пользователь») или уберите manager_attribute.
check-onec-staff-unreadable = «{ $set }» не читается: сотрудников нельзя отличить от клиентов
    .remedy = Добавьте «{ $set }» в состав OData.
check-onec-users-unreadable = «{ $set }» не читается: ответственных нельзя сопоставить
    .remedy = Добавьте «{ $set }» в состав OData.
check-onec-folder-missing = группы «{ $folder }» нет: новые контрагенты попадут в корень
    .remedy = Создайте группу в 1С или исправьте new.folder.
check-onec-access-group-unset = в базе есть группы доступа («{ $set }»), а для новых объектов группа не указана: сотрудники с правами по группам их не увидят
    .remedy = Укажите её в [pair.onec]: new = {"{"} access_group = "…" {"}"}.
check-onec-access-group-missing = в «{ $set }» нет группы доступа «{ $group }»
    .remedy = Создайте её в 1С, добавьте «{ $set }» в состав OData или исправьте new.access_group.
check-onec-role-unknown = в этой конфигурации у клиента нет роли «{ $role }»
    .remedy = Исправьте new.roles; роли каждой конфигурации перечислены в docs/configuration.md.
check-onec-references-ignored = база сама назначает ссылки новым объектам: они узнаются по дополнительному реквизиту
    .remedy = Ничего делать не нужно; не удаляйте этот реквизит.
check-onec-creates-unsafe = база сама назначает ссылки новым объектам, а реквизита для номера нет: после обрыва связи создание могло бы повториться
    .remedy = Укажите store_id = "attribute" и запустите obmen setup.

## obmen diff

diff-title = Обе стороны пары «{ $pair }»
diff-at = Сравнено (UTC)
diff-looked-at = Обе стороны прочитаны целиком (UTC)
diff-pairs = Связанных пар
diff-equal = из них одинаковых
diff-differences = Различий
diff-none = Стороны совпадают.
diff-all-explained = { $count ->
    [one] { $count } различие, причина известна.
    [few] { $count } различия, причины всех известны.
   *[other] { $count } различий, причины всех известны.
 }
diff-some-unexplained = { $unexplained ->
    [one] { $unexplained } различие ничем не объясняется (всего { $count }).
    [few] { $unexplained } различия ничем не объясняются (всего { $count }).
   *[other] { $unexplained } различий ничем не объясняются (всего { $count }).
 }
diff-digest = Отпечаток состояния: { $digest }
diff-gone = { $record } нет, осталась { $other }
diff-alone = { $side }: у { $record } нет пары
diff-twin = { $record } похожа на вторую копию рядом с { $other }
diff-unexplained = Ничем не объясняются
diff-failed = Отвергнуты или отложены (obmen retry)
diff-review = Ждут решения человека (obmen review list)
diff-due = В пути
diff-unsettled = Записаны, исход неизвестен
diff-waits-for-company = Ждут свою компанию
diff-decided = Решено человеком
diff-leads = Значения идут в одну сторону, ведёт эта
diff-withheld = Не создаются по правилам
diff-deletion-ignored = Удалены, и по правилам об этом не спрашивают
diff-facet = Другие объекты уже связанной записи
diff-nameless = Без собственного имени
diff-individual = Физические лица 1С, они не копируются

## Команды рядом с obmen serve

beside-waits = Сервер занят этой парой, ждём очереди.
beside-configuration = Файл настроек изменился после запуска obmen serve; команда работает по прежним настройкам. Перезапустите obmen serve.
beside-lost = obmen serve завершился раньше команды
    .remedy = Сделанное сохранено. Повторите команду.
beside-broken = не удалось поговорить с запущенным obmen serve: { $words }
    .remedy = Запустите команду от имени того пользователя, который запустил obmen serve, или от root.
beside-pair = запущенный obmen serve не обслуживает пару «{ $pair }»
    .remedy = Запустите его без --pair или с этой парой.
beside-version = запущен obmen serve другой версии ({ $version })
    .remedy = Перезапустите его.

## obmen serve

serve-broken = обмен прерван из-за нашей ошибки: { $pairs }
    .remedy = Запустите obmen serve снова: ничего не потеряно. Сообщите нам, что перед этим записано в его журнале.
serve-unsynced = для пары «{ $pair }» ещё не было полной синхронизации
    .remedy = Сначала посмотрите план: obmen plan --config { $config } --pair { $pair }; затем доведите до конца obmen sync --config { $config } --pair { $pair } и запустите снова.
serve-address = не удаётся слушать { $address }: { $words }
    .remedy = Измените listen в разделе [server] или завершите программу, которая занимает этот адрес.
serve-stopped = приём событий прекратился: { $words }
serve-listens = Слушаю { $url }
serve-hook = Приём событий: { $address }
serve-hook-of-application = Приложение Битрикс24, путь для первоначальной установки: { $address }
serve-installed = Приложение установлено. Теперь выполните obmen sync, затем obmen serve.
serve-hook-without-secret = Приём событий: { $address } ничего не принимает, пока не задан { $key }; изменения находит опрос

## Почему спрашиваем и почему смотрим

reason-only-name-common = имена совпадают, но ни почта, ни телефон, ни ИНН не общие
reason-names-doubtful = есть общий признак, но имена могут быть и одного человека, и двух разных
reason-name-missing = есть общий признак, но у одной из записей нет имени
reason-name-illegible = есть общий ключ, но одно из имён прочитать нельзя
reason-only-match-marked = единственное совпадение помечено на удаление
reason-several-holders = этот ИНН, адрес или телефон у нескольких записей, и различить их нечем
reason-head-and-branch = один ИНН, но КПП одной записи головной, а другой — филиала
reason-tax-numbers-contradict = записи похожи, но ИНН у них разные
reason-tax-number-damaged = записи похожи, но ИНН одной из них не проходит проверку
reason-decided-apart = две из записей решено не связывать, а третья похожа на обе
reason-fuller-record-takes-part = участвует другая, более полная запись того же лица
reason-mutual-id-contradicts = сохранённый код указывает на другую запись, чем признаки
reason-both-changed = на сторонах разные значения
reason-does-not-fit = { $cause ->
    [not-in-table] таблица values не говорит, чем значение становится { $side ->
        [onec] в 1С
       *[bitrix24] в Битрикс24
     }
    [not-listed] такого значения нет в списке поля { $side ->
        [onec] в 1С
       *[bitrix24] в Битрикс24
     }
    [no-number] { $side ->
        [onec] в 1С
       *[bitrix24] в Битрикс24
     } поле содержит число, а значение — не число
    [no-whole-number] { $side ->
        [onec] в 1С
       *[bitrix24] в Битрикс24
     } поле содержит целое число, а значение — не целое число
    [no-date] { $side ->
        [onec] в 1С
       *[bitrix24] в Битрикс24
     } поле содержит дату, а значение — не дата
   *[no-flag] { $side ->
        [onec] в 1С
       *[bitrix24] в Битрикс24
     } поле содержит «да» или «нет», а значение — ни то, ни другое
 }
    .remedy = { $cause ->
    [not-in-table] Допишите значение в values этого поля или исправьте его в записи.
    [not-listed] Добавьте значение в список, укажите в values, какое ему соответствует, или исправьте его в записи.
   *[other] Исправьте значение в записи; исправленное пойдёт само.
 }
reason-side-refused = не принято: { $words }
    .remedy = Исправьте запись: исправленная пойдёт сама со следующим obmen sync. Если дело в настройке, измените её и выполните obmen retry.
reason-email-refused = адрес почты не принят: { $words }
    .remedy = Исправьте адрес в карточке: исправленная пойдёт сама со следующим obmen sync.
reason-side-requires = пусто обязательное поле: { $words }
    .remedy = Сделайте поле необязательным (в Битрикс24: CRM → Настройки → Пользовательские поля, либо отключите проверку обязательных полей для REST) или заполните его, затем выполните obmen retry и obmen sync.
reason-given-up = ни одна попытка записать не удалась: { $words }
    .remedy = Посмотрите запись (obmen why) и устраните причину, затем выполните obmen retry и obmen sync.
reason-unanswered = ни на одну попытку записать не пришёл ответ
    .remedy = Посмотрите, что происходит при записи этой карточки (обработчики, роботы, журнал сервера), затем выполните obmen retry и obmen sync.
reason-does-not-stay = { $fields ->
    [none] записанное тут же меняется обратно
   *[other] записанное тут же меняется обратно: { $fields }
 }
    .remedy = Что-то на той стороне (робот, бизнес-процесс, обработчик записи) возвращает своё значение. Отключите его для этих полей или назначьте владельцем поля ту сторону в [pair.fields], затем выполните obmen retry и obmen sync.
reason-runs-away = за сутки obmen записал эту карточку { $times ->
    [one] { $times } раз
    [few] { $times } раза
   *[many] { $times } раз
 }: что-то отвечает на каждую запись новым значением. Карточка остановлена, её дальнейшие правки ждут
    .remedy = Посмотрите, что записывается снова и снова (obmen why), и найдите робота, бизнес-процесс или другую интеграцию, которая это меняет; отключите её для этих полей или задайте их владельца или направление в [pair.fields]. Затем выполните obmen retry.
reason-nothing-readable = имя прочитать нельзя, а телефона, адреса почты и ИНН нет: исправьте карточку, и она будет перенесена
reason-company-undecided = компания этого человека ждёт решения, и он ждёт вместе с ней
reason-deleted = запись удалена
reason-marked = объект 1С помечен на удаление
    .remedy = Снимите пометку в 1С, и обмен продолжится, либо завершите связь: obmen review separate. Карточка Битрикс24 тогда живёт сама по себе.
dirty-swept = прочитанные
dirty-signal = с изменениями
dirty-waits-for-company = ждут свою компанию
dirty-retry = повторяемые
dirty-settled = с выясненным исходом
dirty-related = связанные с изменёнными
