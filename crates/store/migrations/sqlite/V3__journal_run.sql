-- What a run wrote is found by its name, record by record.
CREATE INDEX journal_run ON journal (pair, run, kind, side, id);
