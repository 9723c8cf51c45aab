//! `/v1/poles/{pole}/members`

mod changes;
mod faults;
mod lists;
mod once;
