//! Cases of matching, as tables.
