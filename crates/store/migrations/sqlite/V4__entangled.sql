-- Records about which more than their keys speaks, found without a look at all.
CREATE INDEX seen_entangled ON seen (pair, kind, seen) WHERE standing <> 'takes-part' OR mutual_id <> '';
