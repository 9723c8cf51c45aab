//! The harness itself: what every other test leans on.

mod both;
mod client;
mod janitor;
mod postgres;
mod server;
mod smtp;
