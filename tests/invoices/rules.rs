//! What a run keeps to, on small months.
