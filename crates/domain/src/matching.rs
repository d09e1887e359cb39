//! Matching of records without a link.
