//! Three-way merging of linked records.
