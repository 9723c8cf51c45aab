//! What VAT makes of lines: the one place in which pricing, lines by hand, penalties and what replaces an
//! invoice ask for it.

use std::collections::HashMap;

use jiff::civil::Date;
use palier_billing::{
    Dated, Document, DocumentKind, DocumentLine, DocumentLineKind, Error, LinePeriod, LineVat,
    VatBasis, VatFacts, VatSupply,
};

use super::billee::Billee;
use super::settings::SellersVat;
use super::{InvoicingError, Settings};
use crate::clock::Time;
use crate::db::services::{self, ServiceRow};
use crate::db::{Db, billing_settings, members};
use crate::id::{MemberId, PoleId};

/// The day whose VAT a line bears: what goes on is supplied at the end of the days it is billed for (CGI,
/// art. 269, 1, a bis).
pub(super) fn tax_point(period: Option<LinePeriod>, otherwise: Date) -> Date {
    period.map_or(otherwise, |period| period.last_day)
}

impl SellersVat {
    /// What VAT makes of a supply to a member on a day, and why, if that changes on days.
    ///
    /// # Errors
    /// [`Error::Calendar`] for a day before the rates that are known.
    pub(super) fn of(
        &self,
        supply: &Dated<VatSupply>,
        billee: &Billee,
        tax_point: Date,
    ) -> Result<(LineVat, Option<VatBasis>), Error> {
        let Billee { regime, territory, .. } = billee;
        VatFacts { seller: &self.seller, supply, regime, territory: *territory }.on(tax_point)
    }

    /// A document, with its VAT due as it is for what is issued on a day. A credit note takes back VAT that
    /// was due otherwise, and stays as what it cites.
    pub(super) fn as_issued(&self, document: Document, on: Date) -> Document {
        match document.content().kind {
            DocumentKind::CreditNote => document,
            _ => document.with_vat_due(self.due.on(on).value),
        }
    }
}

/// The day, among those that a line of a document is for, from which it bears another VAT than before.
pub(super) fn changed_on(document: &Document) -> Option<Date> {
    let whole = document.content().period;
    let days = document.lines().filter_map(|(line, _)| {
        let LinePeriod { first_day, .. } = line.period.or(whole)?;
        line.vat_basis.as_ref()?.since().filter(|since| *since >= first_day)
    });
    days.max()
}

/// What is on record by now, to be compared with what documents say.
pub(super) struct OnRecord {
    vat: SellersVat,
    supplies: HashMap<String, Dated<VatSupply>>,
    billees: HashMap<MemberId, Billee>,
    /// The first day of which something changed, and when one of those who have such a day was written
    /// last.
    pub(super) changed: Option<(Date, Time)>,
}

impl OnRecord {
    /// Of a pole.
    ///
    /// # Errors
    /// [`InvoicingError`].
    pub(super) fn read(conn: &mut Db, pole: &PoleId) -> Result<Self, InvoicingError> {
        let vat = Settings::of(conn, pole)?.vat;
        let mut changed = Vec::new();
        let days = [vat.seller.changes_from()];
        let written = billing_settings::find(conn, pole)?.map(|row| row.updated_at);
        changed.extend(days.into_iter().flatten().zip(written));
        let mut supplies = HashMap::new();
        for row in services::all(conn, pole)? {
            let supply = row.supply()?;
            changed.extend(supply.changes_from().map(|day| (day, row.updated_at)));
            supplies.insert(row.service_id.to_string(), supply);
        }
        let mut billees = HashMap::new();
        for row in members::page(conn, pole, &members::Filter::default(), None, i64::MAX)? {
            let (id, written) = (row.member_id.clone(), row.updated_at);
            let billee = Billee::of(row)?;
            changed.extend(billee.regime.changes_from().map(|day| (day, written)));
            billees.insert(id, billee);
        }
        let days = changed.iter().map(|(day, _)| *day).min();
        let written = changed.iter().map(|(_, written)| *written).max();
        Ok(Self { vat, supplies, billees, changed: days.zip(written) })
    }

    /// Whether a line of a document would bear another VAT by now; only because of something that changes
    /// on days, if that is asked. What is about no service, and what credits take off, follows from
    /// others.
    ///
    /// # Errors
    /// [`InvoicingError::Document`].
    pub(super) fn differs(
        &self,
        member: &MemberId,
        document: &Document,
        only_dated: bool,
    ) -> Result<bool, InvoicingError> {
        let Some(billee) = self.billees.get(member) else { return Ok(false) };
        for (line, _) in document.lines() {
            let Some(supply) = self.supply_of(line) else { continue };
            let content = document.content();
            let Some(period) = line.period.or(content.period) else { continue };
            let found = self.vat.of(supply, billee, period.last_day);
            let (vat, basis) = found.map_err(|error| InvoicingError::Document {
                member: billee.party.code.clone().unwrap_or_default(),
                error: error.into(),
            })?;
            if vat != line.vat && (basis.is_some() || !only_dated) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn supply_of(&self, line: &DocumentLine) -> Option<&Dated<VatSupply>> {
        let service = line.service.as_deref().filter(|_| line.kind != DocumentLineKind::Credit)?;
        self.supplies.get(service)
    }
}

/// What a service is in the eyes of VAT, or what somebody says where there is none.
pub(super) fn supply(
    service: Option<&ServiceRow>,
    otherwise: VatSupply,
) -> Result<Dated<VatSupply>, InvoicingError> {
    Ok(service.map_or(Ok(Dated::from(otherwise)), ServiceRow::supply)?)
}
