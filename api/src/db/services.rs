//! Services: what a pole's catalogue offers.

use diesel::prelude::*;
use palier_billing::{Change, Dated, VatSupply};

use super::schema::{providers, services};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::dated;
use crate::day::Day;
use crate::id::{PoleId, ProviderId, ServiceId};
use crate::search::containing;
use crate::text::Text;

words! {
    /// Where a service stands.
    pub(crate) enum ServiceStatus {
        /// It is being prepared; only staff and its provider see it.
        Draft = "draft",
        /// It is in the catalogue.
        Published = "published",
        /// It takes no new subscriptions and is in the catalogue no more.
        Retired = "retired",
    }
}

/// A row of `services`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = services, primary_key(pole_id, service_id), treat_none_as_null = true)]
pub(crate) struct ServiceRow {
    pub(crate) pole_id: PoleId,
    pub(crate) service_id: ServiceId,
    pub(crate) provider_id: ProviderId,
    pub(crate) code: String,
    pub(crate) name_fr: String,
    pub(crate) name_en: Option<String>,
    pub(crate) description_fr: Option<String>,
    pub(crate) description_en: Option<String>,
    pub(crate) category: String,
    /// Each between two line breaks; see [`tags_in`].
    pub(crate) tags: String,
    pub(crate) unit_fr: Option<String>,
    pub(crate) unit_en: Option<String>,
    pub(crate) terms_url: Option<String>,
    pub(crate) terms_fr: Option<String>,
    pub(crate) terms_en: Option<String>,
    /// The day on which its contract years begin.
    pub(crate) contract_anniversary: Option<Day>,
    pub(crate) status: ServiceStatus,
    pub(crate) published_at: Option<Time>,
    pub(crate) retired_at: Option<Time>,
    /// What the search looks at: without accents and case.
    pub(crate) search: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// What VAT makes of it.
    pub(crate) vat_supply: String,
    /// The account its revenue stands on; that of the chart, if none.
    pub(crate) revenue_account: Option<String>,
    /// What VAT makes of it from which day on, as JSON.
    pub(crate) vat_supply_changes: String,
}

impl ServiceRow {
    /// What it is in the eyes of VAT, over time.
    ///
    /// # Errors
    /// [`DbError::Unreadable`].
    pub(crate) fn supply(&self) -> Result<Dated<VatSupply>, DbError> {
        // What stands there was read as one of its words before it was written.
        let first = serde_json::from_value(self.vat_supply.clone().into()).unwrap_or_default();
        dated::dated(first, self.supply_changes()?, ("services", &self.service_id))
    }

    /// What VAT makes of it from which day on.
    ///
    /// # Errors
    /// [`DbError::Unreadable`].
    pub(crate) fn supply_changes(&self) -> Result<Vec<Change<VatSupply>>, DbError> {
        dated::read(&self.vat_supply_changes, ("services", &self.service_id))
    }

    /// What it is called; in French, where it has no English name.
    pub(crate) fn name(&self) -> Text {
        let fr = self.name_fr.clone();
        Text { en: self.name_en.clone().unwrap_or_else(|| fr.clone()), fr }
    }

    /// What its unit is called.
    pub(crate) fn unit(&self) -> Option<Text> {
        let fr = self.unit_fr.clone()?;
        Some(Text { en: self.unit_en.clone().unwrap_or_else(|| fr.clone()), fr })
    }
}

/// Which services are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Of these providers only, unless the caller may see all.
    pub(crate) among: Option<Vec<ProviderId>>,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) status: Option<ServiceStatus>,
    pub(crate) code: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) tag: Option<String>,
    /// Words that must all be there, without accents and case.
    pub(crate) words: Vec<String>,
}

/// Tags as they stand in a row.
pub(crate) fn join_tags<'t>(tags: impl IntoIterator<Item = &'t str>) -> String {
    let tags: Vec<_> = tags.into_iter().collect();
    if tags.is_empty() { String::new() } else { format!("\n{}\n", tags.join("\n")) }
}

/// The tags of a row.
pub(crate) fn tags_in(joined: &str) -> impl Iterator<Item = &str> {
    joined.lines().filter(|tag| !tag.is_empty())
}

/// Adds a service.
pub(crate) fn insert(conn: &mut Db, row: &ServiceRow) -> Result<(), DbError> {
    diesel::insert_into(services::table).values(row).execute(conn)?;
    Ok(())
}

/// One service, if it is of one of these providers; of any, if none are said.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    among: Option<&[ProviderId]>,
) -> Result<Option<ServiceRow>, DbError> {
    let mut query =
        services::table.find((pole, service)).select(ServiceRow::as_select()).into_boxed();
    if let Some(among) = among {
        query = query.filter(services::provider_id.eq_any(among));
    }
    Ok(query.first(conn).optional()?)
}

/// All services of a pole, by code.
pub(crate) fn all(conn: &mut Db, pole: &PoleId) -> Result<Vec<ServiceRow>, DbError> {
    let rows = services::table.filter(services::pole_id.eq(pole)).order(services::code);
    Ok(rows.select(ServiceRow::as_select()).load(conn)?)
}

/// Services in the order in which they were added, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<ServiceRow>, DbError> {
    let of_its_provider = services::pole_id
        .eq(providers::pole_id)
        .and(services::provider_id.eq(providers::provider_id));
    let mut query = services::table
        .inner_join(providers::table.on(of_its_provider))
        .filter(services::pole_id.eq(pole))
        .select(ServiceRow::as_select())
        .into_boxed();
    if let Some(among) = &filter.among {
        query = query.filter(services::provider_id.eq_any(among));
    }
    if let Some(provider) = &filter.provider {
        query = query.filter(services::provider_id.eq(provider));
    }
    if let Some(status) = filter.status {
        query = query.filter(services::status.eq(status));
    }
    if let Some(code) = &filter.code {
        query = query.filter(services::code.eq(code));
    }
    if let Some(category) = &filter.category {
        query = query.filter(services::category.eq(category));
    }
    if let Some(tag) = &filter.tag {
        let tag = containing(&format!("\n{tag}\n"));
        query = query.filter(services::tags.like(tag).escape('\\'));
    }
    for word in &filter.words {
        let in_service = services::search.like(containing(word)).escape('\\');
        let in_provider = providers::search.like(containing(word)).escape('\\');
        query = query.filter(in_service.or(in_provider));
    }
    if let Some(after) = after {
        query = query.filter(services::service_id.gt(after.to_owned()));
    }
    Ok(query.order(services::service_id).limit(rows).load(conn)?)
}

/// Whether a provider has a published service.
pub(crate) fn any_published_of(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
) -> Result<bool, DbError> {
    let published = services::table
        .filter(services::pole_id.eq(pole).and(services::provider_id.eq(provider)))
        .filter(services::status.eq(ServiceStatus::Published))
        .select(services::service_id)
        .first::<ServiceId>(conn);
    Ok(published.optional()?.is_some())
}

/// Replaces a service and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &ServiceRow,
    version: i64,
) -> Result<Option<ServiceRow>, DbError> {
    let at =
        services::table.find((&row.pole_id, &row.service_id)).filter(services::version.eq(version));
    let changed = diesel::update(at).set(row).returning(services::all_columns).get_result(conn);
    Ok(changed.optional()?)
}

/// The ids of the services of some providers.
pub(crate) fn ids_of_providers(
    conn: &mut Db,
    pole: &PoleId,
    providers: &[ProviderId],
) -> Result<Vec<ServiceId>, DbError> {
    let theirs = services::table
        .filter(services::pole_id.eq(pole).and(services::provider_id.eq_any(providers)));
    Ok(theirs.select(services::service_id).load(conn)?)
}
