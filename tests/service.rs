//! What is around every request, and what the process does between its start and its end.

mod answers;
mod busy;
mod compression;
mod config;
mod cors;
mod health;
mod logs;
mod mail;
mod metrics;
mod production;
mod shutdown;

pub(crate) use metrics::wait_until_in_flight;
