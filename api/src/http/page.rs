//! Lists, page by page.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Type, schema::SchemaType};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::Query;
use crate::problem::{Fault, Problem};
use crate::say;

/// How many entries a page has, if the caller does not say.
const USUAL: i64 = 50;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// At most so many entries.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// The page asked for, as an argument of a handler.
pub(crate) type Page = Query<PageQuery>;

/// Where the page before ended.
pub(crate) trait Cursor: Sized {
    /// As text, for the caller to hand back unread.
    fn write(&self) -> String;
    /// From such a text.
    fn read(text: &str) -> Option<Self>;
}

impl Cursor for String {
    fn write(&self) -> String {
        self.clone()
    }
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Cursor for i64 {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Cursor for (String, i32) {
    fn write(&self) -> String {
        format!("{} {}", self.0, self.1)
    }
    fn read(text: &str) -> Option<Self> {
        let (object, line) = text.split_once(' ')?;
        Some((object.to_owned(), line.parse().ok()?))
    }
}

impl Cursor for (String, String) {
    fn write(&self) -> String {
        format!("{} {}", self.0, self.1)
    }
    fn read(text: &str) -> Option<Self> {
        let (first, second) = text.split_once(' ')?;
        Some((first.to_owned(), second.to_owned()))
    }
}

impl Page {
    /// How many rows to read: one more than the page has, to know whether another follows.
    pub(crate) fn rows(&self) -> i64 {
        self.limit().saturating_add(1)
    }

    /// Behind which entry it begins.
    pub(crate) fn after<C: Cursor>(&self) -> Result<Option<C>, Problem> {
        let Some(cursor) = &self.0.cursor else { return Ok(None) };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match text.and_then(|text| C::read(&text)) {
            Some(place) => Ok(Some(place)),
            None => Err(Problem::bad_request(Fault::query(
                "cursor",
                "cursor",
                say!(
                    en "This is no cursor of this list.",
                    fr "Ce n’est pas un curseur de cette liste."
                ),
            ))),
        }
    }

    /// The page, of rows that may be one more than fit.
    pub(crate) fn list<T, C: Cursor>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> C) -> List<T> {
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next_cursor = last.map(|row| BASE64_URL_SAFE_NO_PAD.encode(place(row).write()));
        List { data: rows, next_cursor }
    }

    fn limit(&self) -> i64 {
        self.0.limit.unwrap_or(USUAL)
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    /// The entries.
    pub(crate) data: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The same page of something made from each entry.
    pub(crate) fn try_map<U, E>(self, make: impl FnMut(T) -> Result<U, E>) -> Result<List<U>, E> {
        let data: Result<_, E> = self.data.into_iter().map(make).collect();
        Ok(List { data: data?, next_cursor: self.next_cursor })
    }
}

impl<T: ToSchema> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        let entries = ArrayBuilder::new()
            .description(Some("The entries."))
            .items(Ref::from_schema_name(T::name()));
        let cursor =
            ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).description(Some(
                "Where the next page begins: the `cursor` to ask for it. Absent on the last page.",
            ));
        ObjectBuilder::new()
            .description(Some("A page of a list."))
            .property("data", entries)
            .required("data")
            .property("next_cursor", cursor)
            .into()
    }
}

impl<T: ToSchema> ToSchema for List<T> {
    fn name() -> Cow<'static, str> {
        format!("{}List", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
