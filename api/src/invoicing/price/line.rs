//! From a rated line to one on a document.

use palier_billing::{
    Charge, ChargeKind, Days, DocumentLine, DocumentLineKind, Figures, Line, LineKind, LinePeriod,
    LineVat, Money, PoolNote, PoolSchedule, PriceBase, RatedCharge, Tariff, VatBasis,
};

use super::super::billee::Billee;
use super::super::vat::tax_point;
use super::super::{InvoicingError, words};
use super::{Context, Priced, failed_for};
use crate::db::services::ServiceRow;
use crate::id::MemberId;
use crate::text::Text;

/// What a sum without a unit is counted in (UN/ECE recommendation 20).
const ONE: &str = "C62";

/// Makes the lines of one version of a tariff.
pub(super) struct Lines<'l> {
    pub(super) priced: &'l Priced<'l>,
    pub(super) tariff: &'l Tariff,
}

impl Lines<'_> {
    /// The line of a document; none for what comes to nothing and counts nothing.
    pub(super) fn line(
        &self,
        charge: &RatedCharge<'_>,
        line: &Line<'_>,
    ) -> Result<Option<(MemberId, DocumentLine)>, InvoicingError> {
        if line.amount.is_zero() && line.quantity.is_zero() {
            return Ok(None);
        }
        let Priced { context, service, units, .. } = self.priced;
        let Some((member, billee)) = context.billee(line.member) else { return Ok(None) };
        let failed = |error| failed_for(service, error);
        let figures = Figures::of(line, price_base(charge.charge)).map_err(failed)?;
        let meter = charge.charge.source().and_then(|source| self.tariff.meter_of(source));
        let unit = meter.and_then(|meter| units.get(&meter.code)).filter(|_| !figures.lump);
        let pool = charge.pool.filter(|_| line.kind == LineKind::Usage);
        // What all used less one's own is somebody else's figure, unless enough are active.
        let least = usize::try_from(context.pole.minimum_active).unwrap_or(usize::MAX);
        let quantity = pool.filter(|it| it.active_members >= least).map(|pool| pool.quantity);
        let unit_name = match billee.language {
            crate::text::Language::Fr => service.unit_fr.as_deref(),
            crate::text::Language::En => service.unit_en.as_deref().or(service.unit_fr.as_deref()),
        };
        let detail = words::detail(line, quantity, unit_name.unwrap_or_default());
        let period = match line.kind {
            LineKind::Recurring(Some(fee)) => period(fee.charged),
            _ => period(context.period.days()),
        };
        let alone = line.alone.map(Figures::lump).transpose().map_err(failed)?;
        // A sum as a whole has no price that tiers could explain.
        let schedule = match &charge.charge.kind {
            ChargeKind::Usage(usage) if !figures.lump => PoolSchedule::of(&usage.cost, unit_name),
            _ => None,
        };
        let (vat, vat_basis) = context.vat(service, billee, period)?;
        let made = DocumentLine {
            kind: line.kind.into(),
            service: Some(service.service_id.to_string()),
            name: words::name(service, Some(charge.charge), billee.language),
            detail: detail.map(|text| text.in_language(billee.language).to_owned()),
            quantity: figures.quantity,
            unit: unit.map_or(ONE, String::as_str).to_owned(),
            unit_price: figures.unit_price,
            price_base: figures.price_base,
            vat,
            vat_basis,
            period,
            pool: pool.map(|_| PoolNote {
                quantity,
                alone: alone.map(|alone| alone.unit_price),
                schedule,
            }),
        };
        Ok(Some((member, made)))
    }
}

/// For how many units the price of a charge is quoted.
pub(super) const fn price_base(charge: &Charge) -> PriceBase {
    match &charge.kind {
        ChargeKind::Usage(usage) => usage.price_base,
        _ => PriceBase::One,
    }
}

/// The days of a line, as documents write them.
fn period(days: Days) -> Option<LinePeriod> {
    let last_day = days.end().yesterday().ok()?;
    Some(LinePeriod { first_day: days.first(), last_day })
}

/// What tops a subscription up to its minimum.
pub(super) fn minimum(
    context: &Context,
    service: &ServiceRow,
    member: &MemberId,
    amount: Money,
) -> Result<Option<DocumentLine>, InvoicingError> {
    let (kind, days) = (DocumentLineKind::Minimum, context.period.days());
    Lump { kind, days, charge: None, detail: words::minimum(), amount }
        .line(context, service, member)
}

/// A sum that is no quantity at a price.
pub(super) struct Lump<'l> {
    pub(super) kind: DocumentLineKind,
    pub(super) days: Days,
    /// The charge it is about; none, if it is about a whole subscription.
    pub(super) charge: Option<&'l Charge>,
    pub(super) detail: Text,
    pub(super) amount: Money,
}

impl Lump<'_> {
    /// As a line for a member of the pole.
    pub(super) fn line(
        self,
        context: &Context,
        service: &ServiceRow,
        member: &MemberId,
    ) -> Result<Option<DocumentLine>, InvoicingError> {
        let Self { kind, days, charge, detail, amount } = self;
        let Some(billee) = context.billees.get(member) else { return Ok(None) };
        let figures = Figures::lump(amount).map_err(|error| failed_for(service, error))?;
        let period = period(days);
        let (vat, vat_basis) = context.vat(service, billee, period)?;
        Ok(Some(DocumentLine {
            kind,
            service: Some(service.service_id.to_string()),
            name: words::name(service, charge, billee.language),
            detail: Some(detail.in_language(billee.language).to_owned()),
            quantity: figures.quantity,
            unit: ONE.to_owned(),
            unit_price: figures.unit_price,
            price_base: figures.price_base,
            vat,
            vat_basis,
            period,
            pool: None,
        }))
    }
}

impl Context {
    /// A member by its id.
    fn billee(&self, member: &str) -> Option<(MemberId, &Billee)> {
        self.billees.get_key_value(member).map(|(id, billee)| (id.clone(), billee))
    }

    /// What VAT makes of a service for a member.
    fn vat(
        &self,
        service: &ServiceRow,
        billee: &Billee,
        period: Option<LinePeriod>,
    ) -> Result<(LineVat, Option<VatBasis>), InvoicingError> {
        let day = tax_point(period, self.period.days().first());
        let found = self.settings.vat.of(&service.supply()?, billee, day);
        found.map_err(|error| failed_for(service, error))
    }
}
