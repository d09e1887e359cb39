## General

failed = Failed: { $message }
clock-unread = { $name } is FACTOR@MOMENT, as in 20@2026-10-17T09:00:00Z
remedy = What to do: { $text }
interrupted = Stopped. Everything done so far is kept; the next run goes on from here.
side-name = { $side ->
    [bitrix24] Bitrix24
   *[onec] 1C
 }
yes-word = yes
yes-letter = y
store-failed = the store of obmen does not answer: { $words }
    .remedy = Check free space, the rights to the database file, and that no other obmen process holds it.
store-full = the store of obmen has no room left: { $words }
    .remedy = Free space on the disk (or raise the quota) and run the command again: what was written to Bitrix24 and 1C is not lost and will not be written twice.
store-in-use = the store { $store } is in use: { $owner } has it open
    .remedy = Stop that one first, or let a running obmen serve do the work.
store-missing = there is no store { $store }
    .remedy = Check the path; a relative one is looked for in the present folder.
store-not-empty = the store { $store } holds something already, so nothing is copied into it
    .remedy = Give a new file, or an empty database or schema.
store-differs = what was read back is not what was written (digests { $from } and { $to }); the copy was not kept
    .remedy = Keep using the old store, and tell us.
store-table = { $table }: { $rows }
store-copied = Copied
store-digest-from = Digest of what was read
store-digest-to = Digest of what was written
store-unreachable = the database of the store is not reached: { $words }
    .remedy = Check that the PostgreSQL server runs, and host, port, user, password and TLS in store.url. Once it is back, run the command again: everything done so far is kept.
backup-made = Copy of the store: { $file } ({ $size } KiB)
backup-exists = the file { $file } is there already, and nothing is written over it
    .remedy = Give a new name, or move the old file away.
backup-postgres = a store in PostgreSQL is backed up by PostgreSQL's own means
    .remedy = Use pg_dump, or the backup of your database server.
backup-restored = The store was restored from a copy of { $at }.
    .remedy = Nothing: what was read and linked since is found again by itself. What was decided since is asked again; the journal of that time is lost.
tls-failed = secure connections could not be prepared: { $words }
    .remedy = Install the system's root certificates (package ca-certificates).
answer-needed = an approval is needed and there is nobody to ask
    .remedy = Run with --yes.
not-approved = the plan was not approved, nothing was written

## Configuration

config-here = here
config-missing-file = there is no configuration file { $file }
    .remedy = Create it after the sample of the documentation, or name another with --config. To try without any: obmen demo --once.
config-unreadable-file = the configuration file { $file } cannot be read: { $words }
    .remedy = Check the rights to the file and that it is UTF-8.
config-syntax = this is not TOML: { $words }
    .remedy = Mend the spelling: texts in quotes, sections in square brackets.
config-unknown-key = the key "{ $key }" is unknown
    .remedy = Possible here: { $expected }.
config-unknown-value = the value "{ $value }" does not fit here
    .remedy = Possible: { $expected }.
config-missing-key = the key "{ $key }" is missing
    .remedy = Add it to this section.
config-wrong-type = the value is of another sort: { $found }
    .remedy = Expected: { $expected }.
config-no-pair = no pair is described
    .remedy = Add a section [[pair]] with [pair.bitrix24] and [pair.onec].
config-pair-needed = there are several pairs: { $names }
    .remedy = Name the one you mean with --pair.
config-pair-unknown = there is no pair "{ $name }" in the file; there are: { $names }
    .remedy = Check the name given with --pair.
config-pair-twice = the pair name "{ $name }" stands twice
    .remedy = Give the pairs different names.
config-pair-name = the pair name "{ $value }" does not fit
    .remedy = Use up to 40 lower-case Latin letters, digits, "-" and "_".
config-persons-empty = no catalog of persons is chosen
    .remedy = Name at least one in persons: counterparty, contact-person, individual.
config-new-persons = new persons are to be created in "{ $value }", but that catalog does not take part
    .remedy = Add it to persons, or change new_persons.
config-country = "{ $value }" is not a country code
    .remedy = Use two capital Latin letters, such as RU, KZ, BY.
config-area-code = "{ $value }" is not an area code
    .remedy = Use two to five digits, such as 495, or leave it empty.
config-settle = { $value } s is too long to wait
    .remedy = Use 3600 seconds at most.
config-create = the rule for creating is not understood from "{ $rest }" on
    .remedy = Expected there: { $expected }. A rule is all, none, or conditions joined by and: with-inn, company.COMPANY_TYPE = "CUSTOMER", SOURCE_ID in ["WEB", "CALL"], folder != "Сотрудники".
config-create-ends = the rule for creating ends too early
    .remedy = Expected at its end: { $expected }. A rule is all, none, or conditions joined by and: with-inn, company.COMPANY_TYPE = "CUSTOMER", SOURCE_ID in ["WEB", "CALL"], folder != "Сотрудники".
config-user-field = "{ $value }" is not the name of a CRM user field
    .remedy = The name begins with UF_CRM_ and has capital Latin letters, digits and underscores.
config-positive = "{ $key }" must be greater than zero
    .remedy = Change it, or remove the key to get the usual value.
config-parallel = { $value } requests to 1C at once are not allowed
    .remedy = Use 1 to 16; each holds a session of 1C while it runs.
config-url = "{ $value }" is not an http or https address
    .remedy = Give the whole address, such as https://server/base/odata/standard.odata.
config-address = "{ $value }" is not an address to listen on
    .remedy = Give an IP address and a port, such as 127.0.0.1:8024.
config-empty = the key "{ $key }" is empty
    .remedy = Give a value.
config-webhook-url = this is not the address of an incoming webhook
    .remedy = Copy it whole from the portal: https://portal/rest/user_number/secret/.
config-webhook-or-oauth = the portal is entered either by webhook_url or by oauth, and one of them has to be given
    .remedy = Give the address of an incoming webhook as webhook_url, or portal, client_id and client_secret of a local application as oauth; not both.
config-plan-and-node = exchange_plan and exchange_node go together
    .remedy = Give both: the name of an exchange plan made for obmen alone, and its node by code, name or reference.
config-env-missing = the environment variable { $name } is not set
    .remedy = Set it before the start: export { $name }=…, or give the secret in a file: {"{"} file = "PATH" {"}"}.
config-secret-file = the file { $file } with a secret cannot be read: { $words }
    .remedy = Check the path (it is relative to the configuration file) and the rights to the file.
config-store-url = the address of the store is not understood: { $words }
    .remedy = Give sqlite: and a file name, such as sqlite:obmen.db, or postgres://user:password@host/database.
config-store-id-by-odata = ids are kept in the extension only where obmen speaks to it
    .remedy = Use kind = "extension", or store_id = "attribute" or "none".
config-plan-by-extension = an exchange plan is asked over OData only
    .remedy = Remove exchange_plan and exchange_node: the extension tells by itself what was written. Or use kind = "odata".
config-manager-id = "{ $value }" is not the number of a Bitrix24 user
    .remedy = The number stands in the address of the profile: /company/personal/user/NUMBER/.
config-field-mutual-id = the field of mutual ids is not set here
    .remedy = Use contact_id_field, company_id_field and store_id.
config-field-none = this field cannot be left out
    .remedy = Only the legal address can: [pair.fields] address = {"{"} direction = "none" {"}"}.
config-field-unknown = no field is named "{ $value }"{ $like ->
    [none] {""}
   *[other] ; "{ $like }" is
 }
    .remedy = The fields of every pair are name, legal-name, inn, kpp, ogrn, address, phone, email, company, position and manager; those that the configuration adds are the names of [[pair.field]].
config-own-field-name = "{ $value }" is no name of a field
    .remedy = Use up to 24 lower-case Latin letters, digits and hyphens, beginning with a letter.
config-own-field-fixed = the field "{ $value }" is kept equal anyhow
    .remedy = Its direction and rule stand in [pair.fields].
config-own-field-twice = the field "{ $value }" stands here twice
    .remedy = Give every field a name of its own; one of organizations and one of persons are two fields.
config-own-field-nowhere = it is not said what the field is called in { $value ->
    [onec] 1C
   *[bitrix24] Bitrix24
 }
    .remedy = Give both: bitrix24, as crm.contact.fields or crm.company.fields has it, and onec, an attribute or an additional attribute by its name. Only comment, source, birth-date and deletion-mark need no more than their name.
config-own-field-mark = the field "{ $value }" goes from 1C to Bitrix24 alone
    .remedy = Leave direction out, or say onec-to-bitrix24.
config-own-field-private = "{ $value }" is the address of a private person; organizations have no such field
    .remedy = Leave of out; the legal address of organizations travels as the field address.
config-own-field-values = the value "{ $value }" stands in the table twice
    .remedy = Every value has to stand for one value of the other side, and for no other.
config-own-field-place = { $value } is another field already
    .remedy = Keep an attribute equal with one field only.
config-profile = the configuration profile "{ $value }" does not fit: { $words }
    .remedy = Give bp30, ut11, unf or the path of a profile.

## What a side says

side-not-installed = the application is not let into Bitrix24: { $words }
    .remedy = Install the application again (Developer resources, Integrations, its card: Reinstall) while obmen serve runs and its address for the installation is reached from outside; or give a new refresh_token.
side-unauthorized = { $side ->
    [bitrix24] Bitrix24 does not let this webhook in: { $words }
   *[onec] 1C does not let obmen in: wrong user name or password ({ $words })
 }
    .remedy = { $side ->
    [bitrix24] Check webhook_url: the webhook may have been deleted or made anew, or its owner dismissed. A new one: Developer resources, Other, Incoming webhook. For an application check client_id and client_secret.
   *[onec] Check user and password. The 1C user needs 1C:Enterprise authentication switched on and the role "Удалённый доступ OData".
 }
side-missing-right = { $side ->
    [bitrix24] the webhook of Bitrix24 lacks a right: { $what }
   *[onec] the user of 1C lacks a right: { $what }
 }
    .remedy = { $side ->
    [bitrix24] Add the right in the settings of the incoming webhook, and check that its owner is an administrator of the portal.
   *[onec] Give the 1C user the role "Удалённый доступ OData" and the right to this object without restrictions on records. Or run plan and sync with --partial-rights: hidden records are left out, and nothing is created then.
 }
side-closed-composition = 1C does not show "{ $set }": the object is not in the composition of the standard OData interface
    .remedy =
        In 1C open "Администрирование → Синхронизация данных → Настройка автоматического REST-сервиса" and tick, on the page "Состав", the named object and Контрагенты, КонтактныеЛица (in УТ Партнеры and КонтактныеЛицаПартнеров), ФизическиеЛица, Пользователи, ВидыКонтактнойИнформации (in УНФ also Сотрудники and the registers СвязиКонтрагентКонтакт and СотрудникиПользователя) and the chart ДополнительныеРеквизитыИСведения. Without that form an external processing with full rights does the same: put ПолучитьСоставСтандартногоИнтерфейсаOData() and Метаданные.Справочники.Контрагенты and the others into an array Состав, then call УстановитьСоставСтандартногоИнтерфейсаOData(Состав).
side-no-extension = the extension of obmen in 1C cannot be spoken to: { $words }
    .remedy = Check that the extension of the build for this configuration is loaded and attached, that default.vrd of the publication has <httpServices publishByDefault="false" publishExtensionsByDefault="true"/>, and that url leads to this publication. obmen setup --extension DIR writes the files and the steps. Until then kind = "odata" works without it.
side-missing-field = { $side ->
    [bitrix24] Bitrix24 has no field { $field }
   *[onec] 1C has no attribute { $field }
 }
    .remedy = Run obmen setup: it creates the field or says how to.
side-unavailable = { $side ->
    [bitrix24] Bitrix24 does not answer: { $words }
   *[onec] 1C does not answer: { $words }
 }
    .remedy = { $side ->
    [bitrix24] Check the address in webhook_url, the network and the proxy, then try again.
   *[onec] Check the address in url, the web server of the publication and that the base is not locked, then try again.
 }
side-locked = { $side ->
    [bitrix24] Bitrix24 is closed for a while: { $words }
   *[onec] the 1C base is locked: { $words }
 }
    .remedy = Wait for the end of the update or backup and run the command again: what was done is kept, the rest goes on from here.
side-no-licence = { $side ->
    [bitrix24] Bitrix24 has no free licence: { $words }
   *[onec] 1C has no free client licence: { $words }
 }
    .remedy = Each session of the exchange takes a licence while it lives. End needless sessions in the administration console, lower parallel in [pair.onec], or buy a licence, then run the command again: what was done is kept.
side-unpaid = { $side ->
    [bitrix24] Bitrix24 does not work with webhooks until its subscription is paid: { $words }
   *[onec] 1C does not work until its subscription is paid: { $words }
 }
    .remedy = Renew the plan or subscription, then run the command again: what was done is kept.
side-busy = { $side ->
    [bitrix24] the record in Bitrix24 is busy: { $words }
   *[onec] the records in 1C are busy: { $words }
 }
    .remedy = Wait until others have finished (reposting of documents, an update, the processing of data), and run the command again: what was done is kept.
side-rejected = { $side ->
    [bitrix24] Bitrix24 refuses every request that carries data: { $words }
   *[onec] 1C refuses every request that carries data: { $words }
 }
    .remedy = Check the proxy and the firewall between obmen and the system: something on the way does not let writes through. Then run the command again: what was done is kept.
side-limit-reached = { $side ->
    [bitrix24] the limit of Bitrix24 is used up until { $until }
   *[onec] 1C asks to wait until { $until }
 }
    .remedy = Try again later. If other applications use the portal too, lower limits.
side-unexpected = { $side ->
    [bitrix24] Bitrix24 gave an answer its documentation does not know: { $words }
   *[onec] 1C gave an answer its documentation does not know: { $words }
 }
    .remedy = { $side ->
    [bitrix24] Check that webhook_url leads to the portal and not to a login page or a proxy.
   *[onec] Check that url ends in odata/standard.odata and leads to the base and not to a login page.
 }

## Progress

stage-sweep-bitrix24 = Reading Bitrix24
stage-sweep-onec = Reading 1C
stage-planning = Planning
stage-looking-up = Looking up before creating
stage-companies = Writing companies
stage-contacts = Writing contacts
stage-settling = Waiting
stage-comparing = Comparing
stage-done = { $stage }: { $done }

## Check

check-title = Pair "{ $pair }"
check-good = good
check-warning = warning
check-problem = problem
check-all-good = Everything is ready.
check-with-warnings = { $count ->
    [one] A sync can run, with { $count } restriction.
   *[other] A sync can run, with { $count } restrictions.
 }
check-with-problems = { $count ->
    [one] A sync cannot run: { $count } problem.
   *[other] A sync cannot run: { $count } problems.
 }
check-stops = the sync was stopped: the check found problems
    .remedy = Mend them and look again with obmen check.

## Plan

plan-counts = What will be done
plan-link = Link records
plan-create-bitrix24 = Create in Bitrix24
plan-create-onec = Create in 1C
plan-update-bitrix24 = Change in Bitrix24
plan-update-onec = Change in 1C
plan-unlink = End links
plan-mark-bitrix24 = Move into the recycle bin of Bitrix24
plan-mark-onec = Mark for deletion in 1C
plan-ask = Ask a person
plan-withheld = Not created on the other side
plan-waiting = Wait for their company
plan-section = { $title }: { $count }
plan-more = … and { $count } more
plan-only-ids = { $count ->
    [one] { $count } record gets nothing but the id of the other side.
   *[other] { $count } records get nothing but the id of the other side.
 }
plan-empty = Nothing to do: both sides agree.
plan-digest = Digest of the plan: { $digest }
plan-will = A sync would { $what }.
plan-will-link = { $count ->
    [one] link { $count } pair of records
   *[other] link { $count } pairs of records
 }
plan-will-create-bitrix24 = { $count ->
    [one] create { $count } record in Bitrix24
   *[other] create { $count } records in Bitrix24
 }
plan-will-create-onec = { $count ->
    [one] create { $count } record in 1C
   *[other] create { $count } records in 1C
 }
plan-will-update-bitrix24 = { $count ->
    [one] change { $count } record in Bitrix24
   *[other] change { $count } records in Bitrix24
 }
plan-will-update-onec = { $count ->
    [one] change { $count } record in 1C
   *[other] change { $count } records in 1C
 }
plan-will-unlink = { $count ->
    [one] end { $count } link
   *[other] end { $count } links
 }
plan-will-nothing = Nothing would be written.
plan-will-ask = { $count ->
    [one] { $count } question waits for a person.
   *[other] { $count } questions wait for a person.
 }
plan-kept = stays, since it was changed later: { $fields }
plan-revives = in place of a new one the record { $record } comes back
plan-written = Written: { $files }
plan-not-written = the plan could not be written to { $folder }: { $words }
    .remedy = Check that the folder can be created and written to.
plan-not-kept = the plan could not be kept aside in a temporary file: { $words }
    .remedy = Free some space in the folder for temporary files, or name another one in TMPDIR.

## What a plan means

outlook-time = How long it takes
outlook-takes = A sync takes { $time }.
outlook-below-a-minute = less than a minute
outlook-minutes = { $minutes ->
    [one] about { $minutes } minute
   *[other] about { $minutes } minutes
 }
outlook-hours = about { $hours } h { $minutes } min
outlook-binding = { $binding ->
    [rate] What takes longest is the request limit of Bitrix24.
    [execution] What takes longest is the limit on the time that Bitrix24 works for one application.
   *[onec] What takes longest is the work of 1C.
 }
outlook-work = Requests to Bitrix24: { $requests }; work of the portal: { $execution } s; work of 1C: { $onec } s.
outlook-portal = Robots of Bitrix24
outlook-portal-nothing-new = There would be no new cards in Bitrix24.
outlook-portal-quiet = { $count ->
    [one] { $count } new card starts neither robots nor workflows, since it is imported (allow_automation = false).
   *[other] { $count } new cards start neither robots nor workflows, since they are imported (allow_automation = false).
 }
outlook-portal-starts = { $count ->
    [one] { $count } new card may start robots and workflows of the portal (allow_automation = true); which of them are set up, obmen does not know.
   *[other] { $count } new cards may start robots and workflows of the portal (allow_automation = true); which of them are set up, obmen does not know.
 }
outlook-portal-changes = { $count ->
    [one] { $count } card would change, counting the one that gets the id of a new 1C record. Whether that starts anything depends on the portal: obmen does not know.
   *[other] { $count } cards would change, counting those that get the id of a new 1C record. Whether that starts anything depends on the portal: obmen does not know.
 }
outlook-onec = Contracts of 1C
outlook-onec-nothing-new = There would be no new counterparties.
outlook-onec-contracts = { $count ->
    [one] 1C by itself would make { $count } contract «{ $name }» for the new counterparty.
   *[other] 1C by itself would make { $count } contracts «{ $name }», one for each new counterparty.
 }
outlook-onec-unknown = obmen knows of no contract that this configuration gives to new counterparties by itself. What its modifications do, it does not see.

## The page of a plan

page-title = Plan of the exchange "{ $pair }"
page-preview = A preview: nothing has been written so far.
page-date = { $year }-{ $month }-{ $day }
page-moment = Made on { $date } at { $time } UTC
page-counts = What would be done
page-count = Records
page-outlook = What to expect
page-marks = Marks
page-mark-shared = the same
page-mark-differs = differs
page-mark-new = comes
page-mark-gone = goes
page-about-ask = A person decides here. Until then a sync leaves these records as they are.
page-about-link = Records of the two systems about one party. They are linked and kept the same from then on.
page-about-create-bitrix24 = In 1C, and not in Bitrix24.
page-about-create-onec = In Bitrix24, and not in 1C.
page-about-update-bitrix24 = What changes in cards of Bitrix24.
page-about-update-onec = What changes in objects of 1C.
page-about-unlink = A person decided that these are two parties, or one of them was deleted and another card stands for it. Their link ends.
page-about-withheld = On one side only, and they stay there.
page-about-waiting = People whose company is not linked yet. They come after it.
page-before = Before
page-after = After
page-written = Would be written
page-source = Made from
page-not-seen = does not exist any more
page-decide = To decide after the sync: { $command }
page-all-in-files = All steps are in plan.csv (for spreadsheets) and plan.json (for programs).
page-cards = A number leads to the card: in Bitrix24, and in the web client of 1C. In 1C itself "Go to link" (Shift+F11) opens it: paste what stands behind the # of the address.
page-digest = Digest of the plan: { $digest }. A sync that does just this has the same one.
page-personal = This file holds personal data: give it only to those who may see them.
csv-separator = ,

## Fields and places

field-name = { $kind ->
    [company] Title
   *[contact] Name
 }
field-legal-name = Legal name
field-inn = INN
field-kpp = KPP
field-ogrn = OGRN
field-address = Legal address
field-phone = Phone
field-phone-extension = { $number } ext. { $extension }
field-email = E-mail
field-company = Company
field-position = Position
field-manager = Manager
field-mutual-id = Id of the other side
place-contact = contact
place-company = company
place-counterparty = counterparty
place-contact-person = contact person
place-individual = individual

## Sync

fewer-records = far fewer records than at the last complete reading were found, so nothing was written: { $falls }
    .remedy = Check the rights of the webhook's owner and of the 1C user, and that the base is not an old or half restored copy: whoever is missing would be created a second time. If so many records were really deleted, run once with --accept-fewer.
fewer-of = { $name } { $now } of { $before }
sync-question = Go on? [y/N]
sync-large = the plan changes more than a tenth of { $side ->
    [bitrix24] the Bitrix24 records
   *[onec] the 1C records
 }: { $changes } of { $records }
    .remedy = Look at obmen plan. If it is right, run with --accept-large.
report-title = Report
report-linked = Linked
report-created-bitrix24 = Created in Bitrix24
report-created-onec = Created in 1C
report-updated-bitrix24 = Changed in Bitrix24
report-updated-onec = Changed in 1C
report-unchanged = Unchanged
report-reviews = Wait for a person
report-failed = Failed
report-waiting = Wait for their company
report-requests-bitrix24 = Requests to Bitrix24
report-requests-onec = Requests to 1C
report-seconds = Seconds
report-run = Run { $run }, digest of the plan { $digest }
report-next-review = To see what waits: obmen review list

## Journal and undo

journal-run = Run
journal-began = Began (UTC)
journal-linked = Linked
journal-created = Created (Bitrix24 / 1C)
journal-updated = Changed (Bitrix24 / 1C)
journal-marked = Taken away (Bitrix24 / 1C)
journal-empty = Nothing was written so far.
journal-next = What a run wrote: obmen journal RUN. To take it back: obmen undo RUN
journal-no-run = the journal knows no run { $run }
    .remedy = obmen journal names the runs.
undo-title = Taking back the run { $run }
undo-of-undo = { $run } is itself an undo, and an undo cannot be taken back
    .remedy = obmen sync brings both sides together again.
undo-needs-yes = nobody can be asked here, and nothing was written
    .remedy = If the plan above is right, run it with --yes.
undo-update-bitrix24 = Give values back in Bitrix24
undo-update-onec = Give values back in 1C
undo-stays = Stays, with a reason
undo-marked-bitrix24 = Moved into the recycle bin of Bitrix24
undo-marked-onec = Marked for deletion in 1C
undo-updated-bitrix24 = Got values back in Bitrix24
undo-updated-onec = Got values back in 1C
undo-unlinked = Links ended
stay-changed = somebody changed it since
stay-written-since = a later run wrote it, or what it was made from
stay-linked-otherwise = it is linked with another record by now
stay-decided = a person decided about it; another decision takes that back
stay-deal = there is a deal with it
stay-activity = there are calls, letters or tasks with it
stay-contract = there is a contract with it
stay-document = there are documents with it
stay-people = somebody who stays belongs to it
stay-refused = the side did not take it; obmen why RECORD has its words
stay-failed = no attempt to write it succeeded; run the undo again
stay-untold = the journal does not say what it was when the run had made it

## Status and reviews

status-title = Pair "{ $pair }"
status-seen = Records seen: { $name }
status-links = Linked: { $name }
status-dirty = To be looked at: { $name }
status-reviews = To be decided: { $name }
status-intents = Writes of unknown outcome
status-lag = Longest wait of what is due, in seconds
status-limits = Limits of the portal
status-limit-requests = Requests in its bucket
status-limit-refused = Bucket full, others use it too; no request before (UTC)
status-limit-method = { $method }, seconds of work
status-limit-others = { $method }, counted beyond our own calls
status-limit-of = { $used } of { $all }
status-found = obmen serve finds what nobody tells of within (seconds)
status-found-bitrix24 = New or changed in Bitrix24
status-found-onec = New, changed or gone in 1C (or five times as long as a scan takes)
status-found-gone = Gone from Bitrix24 (or twenty times as long as a walk takes)
status-found-other = Companies joined with people, deleted requisites
status-nothing = There has been no sync yet. Begin with obmen plan.
name-bitrix24-company = Bitrix24 companies
name-bitrix24-contact = Bitrix24 contacts
name-onec-company = 1C organizations
name-onec-contact = 1C persons
name-company = companies
name-contact = contacts
review-none = Nothing waits.
review-match = one and the same?
review-twins = twins
review-conflict = different values
review-refused = data refused
review-deletion = deletion
review-id = Id
review-kind = Question
review-records = Records
review-reason = Why
review-field = Field
review-side = Side
review-of-bitrix24 = Bitrix24
review-of-onec = 1C
review-can = What can be decided:
decided-link = { $a } and { $b } are one party. The next obmen sync brings them together.
decided-apart = { $a } and { $b } are two parties and will not be linked. The next obmen sync takes back what a link had brought.
decided-ended = { $a } and { $b } will not be linked, and neither is created again on the other side.
decided-choose = { $field }: the value of { $side ->
    [bitrix24] Bitrix24
   *[onec] 1C
 } stands. The next obmen sync writes it.
letters-cause = { $count ->
    [one] Not written, { $count } record: { $reason }
   *[other] Not written, { $count } records: { $reason }
 }
letters-more = … and { $count } further causes. All of them: obmen review list
retry-none = There is nothing to take up again.
retry-taken-up = { $count ->
    [one] { $count } record is taken up again: the next obmen sync writes it.
   *[other] { $count } records are taken up again: the next obmen sync writes them.
 }
retry-nothing-waits = no write of { $record } waits
    .remedy = See what is known about it: obmen why { $record }
decision-unknown = no record { $record } is known
    .remedy = Write contact:12, company:5 or a Ref_Key of 1C. A record is known once a sync or a plan has read it.
decision-not-comparable = nothing can be decided about { $a } and { $b }
    .remedy = Name two different records, both of people or both of organizations.
decision-linked = { $record } is linked with { $with }
    .remedy = If that link is wrong, end it first: obmen review separate { $record } { $with }
decision-out = { $record } does not take part in the exchange
    .remedy = See why with obmen why { $record }; an object marked for deletion has to be unmarked first.
decision-no-review = no case { $id } waits
    .remedy = List the cases that wait: obmen review list
decision-no-field = there is no field { $field }
    .remedy = Use the word that obmen review list shows in brackets.
decision-nothing-to-choose = no value of { $field } can be chosen in this case
    .remedy = Look at it with obmen review show.
decision-ends-employment = { $side ->
    [bitrix24] Bitrix24
   *[onec] 1C
 } has taken the company away, and obmen takes no company away from a person by itself
    .remedy = Take it away in the other system as well: the question then ends by itself. Or choose the other side: the company comes back.
decision-neither = that value stands on neither side: Bitrix24 has "{ $bitrix24 }", 1C has "{ $onec }"
    .remedy = Choose bitrix24 or onec, or change the value in one of the systems.

## Why

why-record = { $record } "{ $name }": { $standing }
why-gone = { $record }: does not exist any more
why-link = Linked with { $with }: { $reason }
why-no-link = Not linked
why-withheld = Not created on the other side: { $reason }
withheld-one-way = the pair goes one way, and the other side leads
withheld-partial-rights = some records may be hidden by rights (--partial-rights)
withheld-nothing = nothing is created there ([pair.create])
withheld-unmet = the condition { $condition } does not hold ([pair.create])
withheld-with-its-company = the company it belongs to is not created
why-dirty = It waits to be looked at
why-review = A person is asked ({ $id }): { $reason }
why-neighbours = Records that share something with it:
why-partner = linked with { $with }
why-journal = What was done:
standing-takes-part = takes part
standing-marked = marked for deletion
standing-folder = left out: a folder
standing-predefined = left out: predefined
standing-own-company = left out: a company of our own
standing-inactive = left out: declared no longer valid
standing-not-of-counterparty = left out: a contact person of something else than a counterparty
standing-part-of-company = left out: a requisite that its company's own record speaks for
standing-empty = left out: neither a name nor a phone, mailbox or INN
standing-catalog-not-chosen = left out: its catalog does not take part
evidence-inn = INN { $value } in common
evidence-email = mailbox { $value } in common
evidence-email-weak = mailbox { $value } in common, but so many have it that it tells nothing
evidence-phone = phone { $value } in common
evidence-phone-weak = phone { $value } in common, but so many have it that it tells nothing
evidence-name = name in common
evidence-id = stored id in common
evidence-names-same = the names are the same
evidence-names-compatible = the names may be of one
evidence-names-different = the names differ
evidence-names-unknown = one has no name
evidence-same = one party ({ $reason })
evidence-doubtful = in doubt: { $reason }
evidence-different = two parties
evidence-nothing = nothing speaks for one party
linked-by-mutual-id = they name each other
linked-by-inn = the same INN
linked-by-email = the same e-mail, the names agree
linked-by-phone = the same phone, the names agree
linked-by-decision = decided by a person
linked-by-copy = one was made from the other
ruling-same = a person decided: one party
ruling-apart = a person decided: two parties
ruling-ended = a person ended their link
ruling-taken-back = one was made from the other, and taken back
event-linked = linked with { $with }: { $reason }
event-unlinked = the link with { $with } ended
event-unlinked-kept = the link with { $with } ended; changed since and therefore left: { $kept }
event-ruled = { $with }: { $ruling }
event-chosen = { $field }: a person chose the value of { $side ->
    [bitrix24] Bitrix24
   *[onec] 1C
 }
event-retried = a person let it go on
event-created = made from { $source }
event-marked = taken back: it had been made from { $source }
event-updated = changed
event-overwrote = a value that somebody had just entered was overwritten
event-refused = refused: { $words }
event-unanswered = a write without an answer
change-changed-there = changed on the other side
change-fills-empty = was empty
change-unites = both sides' values unite
change-fuller-name = the fuller spelling
change-sound-number = valid on the other side, and not on this one
change-owned-there = belongs to the other side
change-rule-prefers = the rule prefers the other side
change-leads = the other side leads
change-keeps-id = keeps the other side's id
change-taken-back = taken back

## Demo and simulators

demo-sizes = A made-up firm: { $people } people, { $companies } companies; the portal's limits and the simulators' clocks run { $factor } times faster than real.
demo-before = Before the sync
demo-contacts = Contacts in Bitrix24
demo-companies = Companies in Bitrix24
demo-objects = Objects in 1C: { $set }
demo-refused = Refused by limits
demo-truth = Compared with the truth
demo-right = Right links
demo-of = { $count } of { $total }
demo-wrong = Wrong links
demo-missed = Not linked
demo-twins = Needless copies
demo-live = Simulated users work on both sides now; every change is carried over as it comes. Ctrl-C ends it.
demo-entered = entered
demo-phone = phone changed
demo-mailbox = e-mail changed
demo-renamed = name changed
demo-joined = joined a company
demo-deleted = deleted
demo-carried = { $side ->
        [bitrix24] Bitrix24: { $name } — { $deed } → 1C after { $seconds } s
       *[onec] 1C: { $name } — { $deed } → Bitrix24 after { $seconds } s
    }
demo-asked = { $side ->
        [bitrix24] Bitrix24: { $name } — { $deed }: nothing is deleted in 1C, a person is asked
       *[onec] 1C: { $name } — marked for deletion: nothing is deleted in Bitrix24, a person is asked
    }
demo-quiet = The users have stopped; what is under way comes to rest. Ctrl-C again does not wait for it.
demo-lived = The live exchange
demo-changes = Changes by users
demo-created = Records created by obmen
demo-updated = Records changed by obmen
demo-ids = Ids written back
demo-calls-bitrix24 = Calls that changed something in Bitrix24
demo-calls-onec = Calls that changed something in 1C
demo-into-onec = Bitrix24 → 1C
demo-into-bitrix24 = 1C → Bitrix24
demo-lags = { $count }: half within { $median } s, 99 of 100 within { $worst } s
demo-found-late = Changes that only a full reading found
demo-equal = Pairs that are equal
demo-listed = Differences with a reason
demo-unexplained = Differences without one
demo-twins-made = Twins
demo-addresses = Bitrix24: { $bitrix24 }
    1C: { $onec }
demo-configuration = To look inside: obmen --config { $path } review list
demo-failed = the demo did not start: { $words }
    .remedy = Check that connections on 127.0.0.1 are possible and the temporary folder can be written.
sim-bases = { $folder }: b24.jsonl with { $bitrix24 } lines, onec.jsonl with { $onec } lines, truth.json
sim-unwritten = { $file } cannot be written: { $words }
sim-data = data file { $file }, line { $line }: { $words }
    .remedy = Each line is one JSON object in the load format.
sim-file = the file { $file } cannot be read: { $words }
    .remedy = Check its path and rights.
sim-faults = the faults file { $file } is not understood: { $words }
    .remedy = It has to be a JSON document in the simulator's format of faults.
sim-option = { $option }: { $words }
sim-tls = the certificate { $certificate } and the key { $key } cannot be used: { $words }
    .remedy = Both are PEM files: the certificate, with its chain if it has one, and its private key without a password.
sim-configuration = there is no simulator of the configuration "{ $value }"
    .remedy = There are: bp30, ut11, unf.
sim-start = the simulator did not start: { $words }
    .remedy = Take another port, or --port 0.

## Findings: Bitrix24

check-bitrix24-connection = the portal answers: { $contacts } contacts, { $companies } companies
check-bitrix24-unauthorized = the portal does not let this webhook in: { $words }
    .remedy = Check webhook_url: the webhook may have been deleted or made anew, or its owner dismissed. A new one: Developer resources, Other, Incoming webhook.
check-bitrix24-not-installed = the application is not let into the portal: { $words }
    .remedy = Install the application (again) while obmen serve runs and its address for the installation is reached from outside; or give a new refresh_token.
check-bitrix24-unreachable = the portal does not answer: { $words }
    .remedy = Check the address in webhook_url, the network and the proxy.
check-bitrix24-unpaid = the portal does not work with webhooks until its subscription is paid: { $words }
    .remedy = Renew the plan or subscription.
check-bitrix24-admin = the owner of the webhook (user { $user }) is an administrator
check-bitrix24-not-admin = the owner of the webhook (user { $user }) is no administrator: some records may be hidden, and a sync would make twins of them
    .remedy = Make the webhook as an administrator of the portal. Or run plan and sync with --partial-rights: nothing is created then.
check-bitrix24-scope-granted = the right "{ $scope }" is granted
check-bitrix24-scope = the webhook lacks the right "{ $scope }"
    .remedy = Open the webhook in the portal (Developer resources, Integrations) and add the right; the address stays the same.
check-bitrix24-scope-user = the webhook lacks the right "{ $scope }": managers cannot be matched by mailbox
    .remedy = Add the right user or user_basic to the webhook, or list the users in [pair.managers].
check-bitrix24-field = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } is there
check-bitrix24-field-type = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } is no single text
    .remedy = Name another field in the configuration; obmen setup creates it.
check-bitrix24-field-missing = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } is missing
    .remedy = Run obmen setup: it creates the field.
check-bitrix24-field-absent = there is no field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 }: tax numbers stand in requisites only
    .remedy = Run obmen setup if you want the field.
check-bitrix24-attribute-missing = [pair.create] onec asks about the field { $field }, which the records of this portal do not have
    .remedy = Name the field as crm.contact.fields or crm.company.fields does, such as TYPE_ID, SOURCE_ID, UF_CRM_…; the type of a company is COMPANY_TYPE.
check-bitrix24-presets = there are templates of requisites: organization ({ $company }), sole proprietor ({ $entrepreneur })
check-bitrix24-preset-entrepreneur = there is no template of requisites for a sole proprietor
    .remedy = Add it: CRM, Settings, Requisites, Templates. Until then that of an organization is used.
check-bitrix24-presets-missing = there is no template of requisites of an organization
    .remedy = Add it: CRM, Settings, Requisites, Templates, country Russia.
check-bitrix24-limits = limits: { $per_second } requests a second, { $burst } in reserve, { $execution_seconds } s of work a method in { $window_seconds } s
check-bitrix24-queue = the portal keeps a queue of changes for the application, without its own ones
check-bitrix24-queue-with-echo = the portal keeps a queue of changes for the application
check-bitrix24-queue-missing = the portal's plan has no queue of changes that is confirmed; changes are found by asking
    .remedy = Nothing has to be done. With a plan that includes offline events (Professional and above) fewer requests are needed.
check-onec-plan = 1C tells by the exchange plan { $plan }, node { $node }, what was written
check-onec-plan-closed = the exchange plan { $plan } is not among the objects of the OData interface
    .remedy = Check exchange_plan and add the plan to the composition of the standard OData interface.
check-onec-node-missing = the exchange plan { $plan } has no node { $node }
    .remedy = Make a node for obmen alone in the plan, or correct exchange_node: its code, name or reference.
check-onec-node-own = the node { $node } of the exchange plan { $plan } stands for this infobase itself
    .remedy = Make another node for obmen: for this one nothing is ever registered.
setup-bitrix24-field-present = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } is there already
setup-bitrix24-field-created = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } was created
setup-bitrix24-field-type = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } holds data of another sort
    .remedy = Name another field in the configuration and run obmen setup again.
setup-bitrix24-field-failed = the field { $field } of { $entity ->
    [company] companies
   *[contact] contacts
 } could not be created: { $words }
    .remedy = Create it by hand: CRM, Settings, Custom fields, type "String", with this code.

setup-extension-written = Files of the 1C extension: { $count } (builds: { $builds }), in { $folder }. The whole description is in onec-extension.md beside them.
setup-extension-unwritten = { $file } could not be written: { $words }
setup-extension-steps =
    Loading { $folder } (make a backup; nobody may work in the infobase meanwhile).
    By the Designer:
      1cv8 DESIGNER /S server\base /N Администратор /P пароль /DisableStartupDialogs /LoadConfigFromFiles { $folder } -Extension ОбменСБитрикс24 /UpdateDBCfg -Extension ОбменСБитрикс24 /Out load.log
    Or by ibcmd, with the server of the infobase stopped:
      ibcmd extension create --db-path=/srv/base --name=ОбменСБитрикс24 --name-prefix=обм_ --purpose=add-on
      ibcmd infobase config import --db-path=/srv/base --extension=ОбменСБитрикс24 { $folder }
      ibcmd infobase config apply --db-path=/srv/base --extension=ОбменСБитрикс24 --force
setup-extension-after =
    Then:
      1. Give the user of obmen the role обм_Обмен: Администрирование → Настройки пользователей и прав → Профили групп доступа.
      2. In default.vrd of the publication: <httpServices publishByDefault="false" publishExtensionsByDefault="true"/>.
      3. In obmen.toml, [pair.onec]: kind = "extension". Try it: obmen check.
    The extension was not yet loaded by a real platform: load it into a copy of the infobase first.

## Findings: 1C

check-onec-by-odata = 1C is reached by its standard OData interface
check-onec-by-extension = 1C is reached by the extension of obmen { $version }, build { $build }, in { $configuration }
check-onec-no-extension = the extension of obmen cannot be spoken to: { $words }
    .remedy = Check that the extension is loaded and attached, that default.vrd of the publication has <httpServices publishByDefault="false" publishExtensionsByDefault="true"/>, and that url leads to this publication. obmen setup --extension DIR writes the files and the steps.
check-onec-build-other = the build { $build } of the extension is not the one for the profile { $profile }
    .remedy = Load the build { $profile }, or correct configuration.
check-onec-notify-off = the extension is asked for changes every poll_seconds; it does not notify by itself
check-onec-safe-mode = the extension works in safe mode: { $words }
    .remedy = It works so. Where writes are refused for want of rights, switch "Безопасный режим" and "Защита от опасных действий" off for the extension: Администрирование → Печатные формы, отчеты и обработки → Расширения.
check-onec-no-subscription = changes of "{ $set }" are not told at once: { $words }
    .remedy = They are found by comparing versions, every ten minutes. After an update of the configuration load the extension again.
check-onec-copy = this base is a copy of the one that notifies: { $words }
    .remedy = If the base really moved, clear the constant "База, из которой идет оповещение".
check-onec-lack = the extension lacks something: { $words }
    .remedy = Give the 1C user the role обм_Обмен and rights to read and change this object, or load the build for this configuration.
check-onec-connected = the base answers, profile { $profile }
check-onec-unauthorized = the base does not let obmen in: wrong user name or password ({ $words })
    .remedy = Check user and password. The 1C user needs 1C:Enterprise authentication switched on and the role "Удалённый доступ OData".
check-onec-unavailable = the base does not answer: { $words }
    .remedy = Check the address in url, the web server of the publication (element standardOdata in default.vrd) and that the base is not locked.
check-onec-locked = the base is locked: { $words }
    .remedy = Wait for the end of the update or backup and check again.
check-onec-no-licence = the base has no free client licence: { $words }
    .remedy = End needless sessions in the administration console, lower parallel in [pair.onec], or buy a licence.
check-onec-unexpected = the base did not answer as it should: { $words }
    .remedy = Check that url ends in odata/standard.odata and leads to the base and not to a login page.
check-onec-right-missing = the 1C user lacks a right: { $what }
    .remedy = Give the user the role "Удалённый доступ OData" and the right to this object without restrictions on records.
check-onec-set-closed = "{ $set }" is not in the composition of the standard OData interface
    .remedy =
        In 1C open "Администрирование → Синхронизация данных → Настройка автоматического REST-сервиса" and tick, on the page "Состав", Контрагенты, КонтактныеЛица, ФизическиеЛица, Пользователи, ВидыКонтактнойИнформации and the chart ДополнительныеРеквизитыИСведения. Without that form an external processing with full rights does the same: put ПолучитьСоставСтандартногоИнтерфейсаOData() and Метаданные.Справочники.Контрагенты and the others into an array Состав, then call УстановитьСоставСтандартногоИнтерфейсаOData(Состав).
check-onec-field-missing = the base lacks the attribute { $field }, which a sync needs
    .remedy = Check that configuration is right; for a modified configuration make a profile of your own.
check-onec-attribute-missing = [pair.create] bitrix24 asks about the attribute { $field }, which clients of this base do not have
    .remedy = Name the attribute as in 1C, without spaces, such as ВидКонтрагента; the folder of a counterparty is the word folder, where the configuration has folders of counterparties.
check-pair-same-ids = the pair { $pair } keeps its ids in the same place of the same system, and each would write over those of the other
    .remedy = Give every pair of a portal a contact_id_field and a company_id_field of its own (`obmen setup` creates them), and every pair of an infobase an id_attribute of its own.
check-own-field = the field { $field } of { $kind ->
    [company] companies
   *[contact] contacts
 } is kept equal ({ $left ->
    [text] text
    [address] an address
    [number] a number
    [whole-number] a whole number
    [date] a date
    [moment] a date and time
    [flag] yes or no
   *[choice] a list
 }; { $right ->
    [text] text
    [address] an address
    [number] a number
    [whole-number] a whole number
    [date] a date
    [moment] a date and time
    [flag] yes or no
   *[choice] a list
 })
check-private-address = addresses of private persons (field { $field }) are kept equal; they are personal data
    .remedy = Process them only where the law allows it. To keep them from travelling, remove [[pair.field]] "{ $field }".
check-private-address-type = [[pair.field]] "{ $field }": Bitrix24 has no type of address { $at }
    .remedy = Give the number of a type in bitrix24: 1 actual, 4 of registration, 6 legal, 8 for mail, 9 of the beneficiary, 11 for deliveries; without bitrix24 it is 4.
check-private-address-kind = [[pair.field]] "{ $field }": no catalog of persons in 1C has a contact kind for an address
    .remedy = Make a kind of type «Адрес» in the catalog's group of kinds, and name it in onec by its name or description.
check-private-address-nowhere = addresses of people of "{ $set }" do not travel: the catalog has no contact kind for an address
    .remedy = Make a kind of type «Адрес» in its group of kinds, and add it to onec of the field private-address by its name or description.
check-own-field-missing = { $kind ->
    [company] organizations
   *[contact] persons
 } have no { $at }, which [[pair.field]] "{ $field }" names{ $like ->
    [none] {""}
   *[other] ; "{ $like }" may be meant
 }
    .remedy = Name the field of Bitrix24 as crm.contact.fields or crm.company.fields does; the attribute of 1C as in 1C without spaces, or an additional attribute by its name or title.
check-own-field-taken = { $at }, which [[pair.field]] "{ $field }" names, is kept equal anyhow, or used by obmen itself
    .remedy = Remove this [[pair.field]]; direction and rule of the fields of every pair stand in [pair.fields].
check-own-field-read-only = { $at }, which [[pair.field]] "{ $field }" names, can be written by nobody
    .remedy = Name another field.
check-own-field-type = values of { $at }, which [[pair.field]] "{ $field }" names, cannot be kept equal: { $sort ->
    [multiple] the field holds several values
    [file] they are files
    [money] they are sums with a currency
    [employee] they are users of the portal
    [crm] they are references to other cards
   *[other] they are of type { $sort }
 }
    .remedy = A text, a number, a date, yes or no, a list, or in 1C a reference to a catalog can; several values or several types in one field cannot.
check-own-field-untold = 1C does not tell of which type the values of { $at } are, which [[pair.field]] "{ $field }" names
    .remedy = The standard interface of this infobase shows no value type in the chart of additional attributes. Connect by the extension (kind = "extension"), or name an attribute of the catalog.
check-own-field-closed = values of { $at }, which [[pair.field]] "{ $field }" names, stand in "{ $set }", which is not published
    .remedy = Add it to the composition of the standard OData interface; by the extension, load its latest build: it reads lists of additional values, and no catalogs beyond those that it needs itself.
check-own-field-crowded = values of { $at }, which [[pair.field]] "{ $field }" names, stand in "{ $set }", which has more than a thousand
    .remedy = Only short lists can be kept equal by the names of their values.
check-own-field-parted = [[pair.field]] "{ $field }": one side has it of organizations alone, the other one of persons
    .remedy = Say whose field it is with of, and name what both sides have.
check-own-field-sorts = the field { $field } holds different things: in Bitrix24 { $left ->
    [text] text
    [address] an address
    [number] a number
    [whole-number] a whole number
    [date] a date
    [moment] a date and time
    [flag] yes or no
   *[choice] a list
 }, in 1C { $right ->
    [text] text
    [address] an address
    [number] a number
    [whole-number] a whole number
    [date] a date
    [moment] a date and time
    [flag] yes or no
   *[choice] a list
 }
    .remedy = Use a field of the same type, or of text; or say in values which value stands for which.
check-own-field-value = the table of the field { $field } names "{ $value }", which is no value here{ $like ->
    [none] {""}
   *[other] ; "{ $like }" may be meant
 }
    .remedy = Write the values of 1C on the left, those of Bitrix24 on the right, as people see them; in Bitrix24 an id will do.
check-own-field-choices = the list of the field { $field } lacks here: { $values }
    .remedy = Add the values to the list, or say in values which value stands for which. Records with these values are put before you.
check-onec-set-readable = "{ $set }" can be read
check-onec-kinds-found = contact kinds of "{ $set }": { $phones } for phones, { $emails } for mailboxes
check-onec-kinds-missing = "{ $set }" has no known contact kind for { $sort ->
    [phone] phones
   *[email] mailboxes
 }
    .remedy = Look at the kinds in 1C: "Администрирование → Общие настройки → Контактная информация"; for a modified configuration make a profile of your own.
check-onec-id-attribute-found = the additional attribute "{ $name }" is there
check-onec-id-attribute-missing = there is no additional attribute "{ $name }" for the Bitrix24 id
    .remedy = Run obmen setup. If 1C need not keep the id, use store_id = "none".
check-onec-id-attribute-created = the additional attribute "{ $name }" was created
check-onec-id-attribute-by-hand = the additional attribute "{ $name }" could not be created: { $reason }
    .remedy = Create it by hand: "Администрирование → Общие настройки → Дополнительные реквизиты", type "Строка", with this name, for counterparties and contact persons.
check-onec-manager-attribute-found = the additional attribute "{ $name }" for the manager is there
check-onec-manager-attribute-missing = there is no additional attribute "{ $name }": managers do not travel
    .remedy = Create it in 1C (type "Пользователь"), or remove manager_attribute.
check-onec-staff-unreadable = "{ $set }" cannot be read: staff cannot be told from customers
    .remedy = Add "{ $set }" to the OData composition.
check-onec-users-unreadable = "{ $set }" cannot be read: managers cannot be matched
    .remedy = Add "{ $set }" to the OData composition.
check-onec-folder-missing = there is no folder "{ $folder }": new counterparties go to the root
    .remedy = Create the folder in 1C, or change new.folder.
check-onec-access-group-unset = the base has access groups ("{ $set }"), and none is given for new objects: people whose rights go by groups would not see them
    .remedy = Name one in [pair.onec]: new = {"{"} access_group = "…" {"}"}.
check-onec-access-group-missing = there is no access group "{ $group }" in "{ $set }"
    .remedy = Create it in 1C, add "{ $set }" to the OData composition, or change new.access_group.
check-onec-role-unknown = this configuration has no role "{ $role }" of a client
    .remedy = Change new.roles; docs/configuration.md lists the roles of each configuration.
check-onec-references-ignored = the base gives new objects references of its own: they are known by the additional attribute
    .remedy = Nothing needs to be done; keep that attribute.
check-onec-creates-unsafe = the base gives new objects references of its own and there is no attribute for the id: a lost reply could make a second copy
    .remedy = Use store_id = "attribute" and run obmen setup.

## obmen diff

diff-title = Both sides of the pair "{ $pair }"
diff-at = Compared at (UTC)
diff-looked-at = Both sides read in full at (UTC)
diff-pairs = Linked pairs
diff-equal = of them equal
diff-differences = Differences
diff-none = Both sides are equal.
diff-all-explained = { $count ->
    [one] One difference, and it is explained.
   *[other] { $count } differences, all of them explained.
 }
diff-some-unexplained = { $unexplained ->
    [one] One difference is explained by nothing ({ $count } in all).
   *[other] { $unexplained } differences are explained by nothing ({ $count } in all).
 }
diff-digest = Digest of the state: { $digest }
diff-gone = { $record } is gone, { $other } is left
diff-alone = { $side }: { $record } has no counterpart
diff-twin = { $record } looks like a second copy beside { $other }
diff-unexplained = Explained by nothing
diff-failed = Refused or given up (obmen retry)
diff-review = Wait for a person (obmen review list)
diff-due = On their way
diff-unsettled = Written, outcome unknown
diff-waits-for-company = Wait for their company
diff-decided = Decided by a person
diff-leads = Values go one way, this side leads
diff-withheld = Kept back by the rules
diff-deletion-ignored = Deleted, and by the rules nobody is asked about that
diff-facet = Further objects of a linked record
diff-nameless = Without a name of their own
diff-individual = Individuals of 1C, which are never copied

## Commands beside obmen serve

beside-waits = The server is at work on this pair; waiting for its turn.
beside-configuration = The configuration file has changed since obmen serve was started; this command goes by the older one. Restart obmen serve.
beside-lost = obmen serve ended before the command did
    .remedy = What was done is kept. Run the command again.
beside-broken = talking to the running obmen serve failed: { $words }
    .remedy = Run the command as the user who runs obmen serve, or as root.
beside-pair = the running obmen serve does not serve the pair "{ $pair }"
    .remedy = Start it without --pair, or with this one.
beside-version = the running obmen serve is of another version ({ $version })
    .remedy = Restart it.

## obmen serve

serve-broken = the exchange broke off because of an error of ours: { $pairs }
    .remedy = Start obmen serve again: nothing is lost. Report what its log says before this.
serve-unsynced = the pair "{ $pair }" has had no whole sync yet
    .remedy = Look at the plan first: obmen plan --config { $config } --pair { $pair }; then run obmen sync --config { $config } --pair { $pair } to its end, and start again.
serve-address = it is not possible to listen on { $address }: { $words }
    .remedy = Change listen in the section [server], or end the program that uses this address.
serve-stopped = the hooks are not answered any more: { $words }
serve-listens = Listening on { $url }
serve-hook = Hook: { $address }
serve-hook-of-application = Application of Bitrix24, initial installation path: { $address }
serve-installed = The application is installed. Run obmen sync now, then obmen serve.
serve-hook-without-secret = Hook: { $address } takes nothing, since { $key } is not set; changes are found by asking

## Why a person is asked, and why a record is looked at

reason-only-name-common = the names are the same, no e-mail, phone or INN is common
reason-names-doubtful = a key is common, the names may be of one person or of two
reason-name-missing = a key is common, one record has no name
reason-name-illegible = a key is common, but one of the names cannot be read
reason-only-match-marked = the only match is marked for deletion
reason-several-holders = several records hold this INN, mailbox or phone and nothing tells them apart
reason-head-and-branch = one INN, but the KPP of one record is of a head office and of the other of a branch
reason-tax-numbers-contradict = the records look alike but carry different tax numbers
reason-tax-number-damaged = the records look alike, but the INN of one of them does not pass its check
reason-decided-apart = two of the records were decided apart, and a third looks like both
reason-fuller-record-takes-part = another, fuller record of the same party takes part
reason-mutual-id-contradicts = the stored id points at another record than the keys do
reason-both-changed = both sides hold different values
reason-does-not-fit = { $cause ->
    [not-in-table] the table of values does not say what the value is in { $side ->
        [onec] 1C
       *[bitrix24] Bitrix24
     }
    [not-listed] the list of the field in { $side ->
        [onec] 1C
       *[bitrix24] Bitrix24
     } does not have the value
    [no-number] the field holds a number in { $side ->
        [onec] 1C
       *[bitrix24] Bitrix24
     }, and the value is none
    [no-whole-number] the field holds a whole number in { $side ->
        [onec] 1C
       *[bitrix24] Bitrix24
     }, and the value is none
    [no-date] the field holds a date in { $side ->
        [onec] 1C
       *[bitrix24] Bitrix24
     }, and the value is none
   *[no-flag] the field holds yes or no in { $side ->
        [onec] 1C
       *[bitrix24] Bitrix24
     }, and the value is neither
 }
    .remedy = { $cause ->
    [not-in-table] Add the value to values of this field, or correct it in the record.
    [not-listed] Add the value to the list, say in values which one stands for it, or correct it in the record.
   *[other] Correct the value in the record; then it goes over by itself.
 }
reason-side-refused = refused: { $words }
    .remedy = Correct the record: once corrected it goes by itself with the next obmen sync. If a setting is the cause, change it and run obmen retry.
reason-email-refused = the e-mail is refused: { $words }
    .remedy = Correct the address in the card: once corrected it goes by itself with the next obmen sync.
reason-side-requires = a required field is empty: { $words }
    .remedy = Make the field optional (in Bitrix24: CRM, Settings, Custom fields, or switch off the check of required fields for REST) or fill it, then run obmen retry and obmen sync.
reason-given-up = no attempt to write it succeeded: { $words }
    .remedy = Look at the record (obmen why) and remove the cause, then run obmen retry and obmen sync.
reason-unanswered = no attempt to write it was answered
    .remedy = See what happens when this card is written (handlers, robots, the server's log), then run obmen retry and obmen sync.
reason-does-not-stay = { $fields ->
    [none] what was written is changed back at once
   *[other] what was written is changed back at once: { $fields }
 }
    .remedy = Something on that side (a robot, a workflow, a handler) puts its own value back. Switch it off for these fields, or make that side their owner in [pair.fields], then run obmen retry and obmen sync.
reason-runs-away = obmen has written this record { $times } times within a day: something answers each write with another value. It is held, and its later edits wait
    .remedy = Look at what is written again and again (obmen why) and find the robot, workflow or other integration that changes it; switch it off for these fields, or give their owner or direction in [pair.fields]. Then run obmen retry.
reason-nothing-readable = the name cannot be read, and there is no phone, e-mail or INN: correct the card, and it is copied
reason-company-undecided = the company of this person waits for a decision, and the person waits with it
reason-deleted = the record was deleted
reason-marked = the 1C object was marked for deletion
    .remedy = Take the mark away in 1C, and the exchange goes on; or end the link with obmen review separate: then the card of Bitrix24 stands by itself.
dirty-swept = read
dirty-signal = changed
dirty-waits-for-company = waiting for their company
dirty-retry = tried again
dirty-settled = of settled outcome
dirty-related = related to changed ones
