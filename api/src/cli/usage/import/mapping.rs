//! Which column is which field.

use clap::Args;

/// What an event says of itself, and the columns of that name.
pub(super) const FIELDS: [&str; 8] =
    ["id", "member", "meter", "service", "time", "quantity", "amends", "amends_time"];

/// How columns are to be understood.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Mapping {
    /// The column that a field stands in, if it is not called like it; other names than those of
    /// fields make properties
    #[arg(long = "map", value_name = "FIELD=COLUMN", value_parser = pair)]
    pub(super) columns: Vec<(String, String)>,
    /// What a field is for all events, where no column says it
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = pair)]
    pub(super) constants: Vec<(String, String)>,
    /// Leave out columns that are no field and that no --map names; else they are properties
    #[arg(long)]
    pub(super) ignore_others: bool,
}

impl Mapping {
    /// Whether it says anything.
    pub(super) const fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.constants.is_empty()
    }
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').unwrap_or_default();
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || value.is_empty() {
        return Err("expected a name and a value such as member=user");
    }
    Ok((name.to_owned(), value.to_owned()))
}
