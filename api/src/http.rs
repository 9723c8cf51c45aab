//! How requests are read and answered: what every handler shares.

mod addresses;
mod answer;
mod at;
mod body;
mod conditional;
mod draft;
mod file;
mod language;
mod once;
mod page;
mod patch;
pub(crate) mod permitted;
mod precondition;
mod query;
mod schemas;
mod stored;

pub(crate) mod observe;
pub(crate) mod server;

pub(crate) use addresses::Addresses;
pub(crate) use answer::{Answer, Resource};
pub(crate) use at::At;
pub(crate) use body::{Body, Input, expect_type, read_bytes, typed};
pub(crate) use draft::{Draft, DraftInput};
pub(crate) use file::File;
pub(crate) use language::language_of;
pub(crate) use once::{Once, OnceKey};
pub(crate) use page::{Cursor, List, Page, PageQuery};
pub(crate) use patch::Patch;
pub(crate) use precondition::IfMatch;
pub(crate) use query::Query;
pub(crate) use schemas::{Document, Schemas};
pub(crate) use stored::{Stateless, Stored};

/// The API as its routes describe it, which nothing below them knows.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    pub(crate) document: Document,
    pub(crate) addresses: fn() -> Addresses,
}
