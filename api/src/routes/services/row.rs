//! Services, to and from their rows.

use super::{Service, ServiceInput, ServiceState, Tag, Terms};
use crate::clock::Time;
use crate::dated;
use crate::db::DbError;
use crate::db::services::{ServiceRow, ServiceStatus, join_tags, tags_in};
use crate::id::{PoleId, ServiceId};
use crate::routes::bilingual::{BilingualLine, BilingualText};
use crate::search;

impl ServiceInput {
    /// The row it becomes: a draft.
    pub(super) fn row(self, pole: PoleId, id: ServiceId, at: Time) -> ServiceRow {
        let search = self.search();
        let terms = self.terms.unwrap_or(Terms { url: None, text: None });
        let (description_fr, description_en) = BilingualText::columns(self.description);
        let (unit_fr, unit_en) = BilingualLine::columns(self.unit);
        let (terms_fr, terms_en) = BilingualText::columns(terms.text);
        ServiceRow {
            pole_id: pole,
            service_id: id,
            provider_id: self.provider,
            code: self.code,
            name_fr: self.name.fr,
            name_en: self.name.en,
            description_fr,
            description_en,
            category: self.category,
            tags: join_tags(self.tags.iter().map(|Tag(tag)| tag.as_str())),
            unit_fr,
            unit_en,
            terms_url: terms.url,
            terms_fr,
            terms_en,
            contract_anniversary: self.contract_anniversary,
            status: ServiceStatus::Draft,
            published_at: None,
            retired_at: None,
            search,
            version: 1,
            created_at: at,
            updated_at: at,
            vat_supply: self.vat.as_str().to_owned(),
            vat_supply_changes: dated::column(&self.vat_changes),
            revenue_account: self.revenue_account,
        }
    }

    /// What the search looks at.
    fn search(&self) -> String {
        let mut texts = vec![self.code.as_str(), &self.category, &self.name.fr];
        texts.extend(self.name.en.as_deref());
        if let Some(description) = &self.description {
            texts.push(&description.fr);
            texts.extend(description.en.as_deref());
        }
        texts.extend(self.tags.iter().map(|Tag(tag)| tag.as_str()));
        search::folded(&texts.join("\n"))
    }
}

impl ServiceRow {
    /// The next version of another row, which keeps what no caller sets.
    pub(super) fn in_place_of(self, row: &Self) -> Self {
        Self {
            status: row.status,
            published_at: row.published_at,
            retired_at: row.retired_at,
            version: row.version.saturating_add(1),
            created_at: row.created_at,
            ..self
        }
    }
}

impl TryFrom<ServiceRow> for Service {
    type Error = DbError;

    fn try_from(row: ServiceRow) -> Result<Self, DbError> {
        let vat_changes = row.supply_changes()?;
        let text = BilingualText::from_columns(row.terms_fr, row.terms_en);
        let has_terms = text.is_some() || row.terms_url.is_some();
        let object = ServiceInput {
            provider: row.provider_id,
            code: row.code,
            name: BilingualLine { fr: row.name_fr, en: row.name_en },
            description: BilingualText::from_columns(row.description_fr, row.description_en),
            category: row.category,
            tags: tags_in(&row.tags).map(|tag| Tag(tag.to_owned())).collect(),
            unit: BilingualLine::from_columns(row.unit_fr, row.unit_en),
            terms: has_terms.then_some(Terms { url: row.terms_url, text }),
            contract_anniversary: row.contract_anniversary,
            // What stands there was read as one of its words before it was written.
            vat: serde_json::from_value(row.vat_supply.into()).unwrap_or_default(),
            vat_changes,
            revenue_account: row.revenue_account,
        };
        let state = ServiceState {
            status: row.status,
            published_at: row.published_at,
            retired_at: row.retired_at,
        };
        Ok(Self {
            id: row.service_id,
            object,
            state,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}
