-- How long a change took to arrive on the other side is counted from the first signal about it.
ALTER TABLE dirty ADD COLUMN since INTEGER NOT NULL DEFAULT 0;     -- moment of the first signal
UPDATE dirty SET since = due;
