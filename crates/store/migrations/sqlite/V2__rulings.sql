-- What people decided about two records: asked once.
CREATE TABLE ruling (
    pair          INTEGER NOT NULL REFERENCES pair (id),
    kind          INTEGER NOT NULL,             -- of both records
    first_side    INTEGER NOT NULL,             -- of the lesser record
    first         TEXT    NOT NULL,             -- the lesser record
    second_side   INTEGER NOT NULL,             -- of the greater record
    second        TEXT    NOT NULL,             -- the greater record
    ruling        TEXT    NOT NULL,             -- same, apart, ended
    PRIMARY KEY (pair, kind, first_side, first, second_side, second)
) STRICT, WITHOUT ROWID;

CREATE INDEX ruling_second ON ruling (pair, kind, second_side, second);
