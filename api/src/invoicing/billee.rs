//! Members, as documents know them.

use std::collections::HashMap;

use palier_billing::{Address, Dated, Party, PaymentTerms, VatRegime, VatTerritory};

use super::InvoicingError;
use crate::dated::dated;
use crate::db::Db;
use crate::db::members::{self, InvoicesBy, MemberRow};
use crate::id::{MemberId, PoleId};
use crate::text::Language;

/// A member that is billed.
#[derive(Clone, Debug)]
pub(super) struct Billee {
    pub(super) party: Party,
    pub(super) regime: Dated<VatRegime>,
    pub(super) territory: VatTerritory,
    pub(super) terms: PaymentTerms,
    pub(super) language: Language,
    /// The number of its purchase order.
    pub(super) order: Option<String>,
    pub(super) invoices_by: InvoicesBy,
}

impl Billee {
    /// All members of a pole.
    pub(super) fn all(
        conn: &mut Db,
        pole: &PoleId,
    ) -> Result<HashMap<MemberId, Self>, InvoicingError> {
        let rows = members::page(conn, pole, &members::Filter::default(), None, i64::MAX)?;
        rows.into_iter().map(|row| Ok((row.member_id.clone(), Self::of(row)?))).collect()
    }

    /// A member.
    pub(super) fn of(row: MemberRow) -> Result<Self, InvoicingError> {
        let code = row.code.clone();
        let unreadable = |what: &dyn std::fmt::Display| InvoicingError::Member {
            code: code.clone(),
            what: what.to_string(),
        };
        let regime = row.vat_regime.parse().map_err(|it| unreadable(&it))?;
        let regime = dated(regime, row.regime_changes()?, ("members", &row.member_id))?;
        let country = row.country.parse().map_err(|error| unreadable(&error))?;
        let lines = row.address_lines.split('\n');
        let address = Address::new(lines, row.postcode.as_deref(), &row.city, country);
        let address = address.map_err(|faults| {
            unreadable(&faults.first().map(ToString::to_string).unwrap_or_default())
        })?;
        let read = |text: Option<String>| text.filter(|text| !text.is_empty());
        let party = Party {
            code: Some(row.code),
            name: row.name,
            legal_form: read(row.legal_form),
            siren: read(row.siren)
                .map(|text| text.parse())
                .transpose()
                .map_err(|it| unreadable(&it))?,
            siret: read(row.siret)
                .map(|text| text.parse())
                .transpose()
                .map_err(|it| unreadable(&it))?,
            vat_number: read(row.vat_number)
                .map(|text| text.parse())
                .transpose()
                .map_err(|it| unreadable(&it))?,
            email: read(row.contact_email),
            electronic_address: read(row.electronic_address)
                .map(|text| text.parse())
                .transpose()
                .map_err(|it| unreadable(&it))?,
            address,
        };
        Ok(Self {
            regime,
            territory: party.address.vat_territory(),
            terms: row.payment_terms.parse().map_err(|it| unreadable(&it))?,
            language: row.language.language(),
            order: read(row.purchase_order),
            invoices_by: row.invoices_by,
            party,
        })
    }
}
