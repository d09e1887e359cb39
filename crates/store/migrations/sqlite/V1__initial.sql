-- What is known about each pair. Conventions:
--   side     0 Bitrix24, 1 1C                         (in the order of record ids)
--   kind     0 company, 1 contact                     (in the order of record ids)
--   number   the id as a number, 9223372036854775807 where it is none: record ids sort by value, then by text
--   moments  whole microseconds since 1970-01-01 UTC
--   JSON     domain values, read and written by the program alone

CREATE TABLE pair (
    id          INTEGER PRIMARY KEY,            -- stands for the name in all other tables
    name        TEXT    NOT NULL UNIQUE,        -- the name in the configuration
    generation  INTEGER NOT NULL DEFAULT 0      -- the last generation given to a dirty row; none is given twice
) STRICT;

-- Records as last read.
CREATE TABLE seen (
    seen        INTEGER PRIMARY KEY,            -- stands for the record in the two indexes below
    pair        INTEGER NOT NULL REFERENCES pair (id),
    kind        INTEGER NOT NULL,               -- of the record
    side        INTEGER NOT NULL,               -- of the record
    id          TEXT    NOT NULL,               -- on its side
    number      INTEGER NOT NULL,               -- of the id
    version     TEXT    NOT NULL,               -- the side's own version mark
    digest      BLOB    NOT NULL,               -- SHA-256 of the content kept equal
    catalog     TEXT    NOT NULL,               -- the table it stands in
    standing    TEXT    NOT NULL,               -- takes-part, marked, or why it is out
    mutual_id   TEXT    NOT NULL,               -- the other side's id as its own field keeps it
    record      TEXT    NOT NULL,               -- JSON: the whole record
    UNIQUE (pair, kind, side, id)
) STRICT;

-- The keys under which seen records are found.
CREATE TABLE seen_key (
    pair        INTEGER NOT NULL,
    kind        INTEGER NOT NULL,               -- of the holder
    key         TEXT    NOT NULL,               -- a letter for the sort of key, a colon, the normal form
    side        INTEGER NOT NULL,               -- of the holder
    number      INTEGER NOT NULL,               -- of the holder's id
    id          TEXT    NOT NULL,               -- the holder
    seen        INTEGER NOT NULL REFERENCES seen (seen) ON DELETE CASCADE,
    PRIMARY KEY (pair, kind, key, side, number, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_key_seen ON seen_key (seen);

-- The companies that seen people belong to.
CREATE TABLE seen_employer (
    pair        INTEGER NOT NULL,
    kind        INTEGER NOT NULL,               -- of the employer
    side        INTEGER NOT NULL,               -- of the employer
    id          TEXT    NOT NULL,               -- the employer
    seen        INTEGER NOT NULL REFERENCES seen (seen) ON DELETE CASCADE,
    PRIMARY KEY (pair, kind, side, id, seen)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_employer_seen ON seen_employer (seen);

-- Two records that are one party: one to one within pair and kind.
CREATE TABLE link (
    link        INTEGER PRIMARY KEY,
    pair        INTEGER NOT NULL REFERENCES pair (id),
    kind        INTEGER NOT NULL,               -- of both records
    bitrix24    TEXT    NOT NULL,               -- the id in Bitrix24
    onec        TEXT    NOT NULL,               -- the id in 1C
    reason      TEXT    NOT NULL,               -- what spoke for it
    base        TEXT,                           -- JSON: the party both sides last agreed on, none before they first did
    UNIQUE (pair, kind, bitrix24),
    UNIQUE (pair, kind, onec)
) STRICT;

-- Records that need a look: one row a record, walked in the order of record ids.
CREATE TABLE dirty (
    pair        INTEGER NOT NULL REFERENCES pair (id),
    kind        INTEGER NOT NULL,               -- of the record
    side        INTEGER NOT NULL,               -- of the record
    number      INTEGER NOT NULL,               -- of the id
    id          TEXT    NOT NULL,               -- the record
    generation  INTEGER NOT NULL,               -- moves on with each signal
    due         INTEGER NOT NULL,               -- moment before which nobody looks
    reason      TEXT    NOT NULL,               -- why it needs a look
    attempts    INTEGER NOT NULL,               -- failed looks since the last signal
    PRIMARY KEY (pair, kind, side, number, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dirty_due ON dirty (pair, due);

-- Writes whose outcome is not settled: one a record.
CREATE TABLE intent (
    pair        INTEGER NOT NULL REFERENCES pair (id),
    kind        INTEGER NOT NULL,               -- of the record
    side        INTEGER NOT NULL,               -- of the record
    number      INTEGER NOT NULL,               -- of the id
    id          TEXT    NOT NULL,               -- the source record of a create, the record of an update
    action      TEXT    NOT NULL,               -- JSON: what is written
    sent_at     INTEGER NOT NULL,               -- moment it was sent
    PRIMARY KEY (pair, kind, side, number, id)
) STRICT, WITHOUT ROWID;

-- Cases for a person.
CREATE TABLE review (
    pair        INTEGER NOT NULL REFERENCES pair (id),
    id          TEXT    NOT NULL,               -- the same whenever the same case comes up
    kind        TEXT    NOT NULL,               -- what is in doubt
    open        INTEGER NOT NULL,               -- 1 while it waits, 0 when it is over
    document    TEXT    NOT NULL,               -- JSON: the review
    PRIMARY KEY (pair, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX review_open ON review (pair, id) WHERE open = 1;

-- The records that reviews concern.
CREATE TABLE review_record (
    pair        INTEGER NOT NULL,
    kind        INTEGER NOT NULL,               -- of the record
    side        INTEGER NOT NULL,               -- of the record
    id          TEXT    NOT NULL,               -- the record
    review      TEXT    NOT NULL,               -- id of the review
    PRIMARY KEY (pair, kind, side, id, review),
    FOREIGN KEY (pair, review) REFERENCES review (pair, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Every write, in the order it was written down; rows are only ever added.
CREATE TABLE journal (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    pair        INTEGER NOT NULL REFERENCES pair (id),
    at          INTEGER NOT NULL,               -- moment
    run         TEXT    NOT NULL,               -- the run it belongs to
    kind        INTEGER NOT NULL,               -- of the record
    side        INTEGER NOT NULL,               -- of the record
    id          TEXT    NOT NULL,               -- the record written or linked
    event       TEXT    NOT NULL                -- JSON: what was done
) STRICT;

CREATE INDEX journal_record ON journal (pair, kind, side, id, seq);

-- Small named texts that survive a restart.
CREATE TABLE text (
    pair        INTEGER NOT NULL REFERENCES pair (id),
    name        TEXT    NOT NULL,               -- chosen by whoever keeps it
    value       TEXT    NOT NULL,               -- as given
    PRIMARY KEY (pair, name)
) STRICT, WITHOUT ROWID;
