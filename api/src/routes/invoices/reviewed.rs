//! What a month comes to before it is final, as the API shows it.

use palier_billing::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::day::Day;
use crate::db::usage::unmatched::UnmatchedReason;
use crate::id::{GrantId, MemberId};
use crate::invoicing::review::Review;
use crate::invoicing::view::MonthView;
use crate::text::Text;

/// What a month comes to, with what is out of the ordinary.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct InvoiceReview {
    /// The month.
    #[schema(example = "2026-07")]
    period: String,
    /// Whether its books are closed; while they are open, this is what it would come to now.
    closed: bool,
    /// Without VAT.
    #[schema(example = "3300.00")]
    net: String,
    /// VAT.
    #[schema(example = "660.00")]
    vat: String,
    /// With VAT.
    #[schema(example = "3960.00")]
    gross: String,
    /// Events of the month that match no member, meter or subscription, and wait: nobody is billed for
    /// them until they are resolved.
    unmatched_usage: Vec<UnmatchedReview>,
    /// Each member that is billed, by code.
    members: Vec<MemberReview>,
    /// Each service that is billed, or was used and is not, by code.
    services: Vec<ServiceReview>,
    /// Credits that members were granted and the month draws, or that end soon.
    credits: Vec<CreditReview>,
    /// Final documents of this month and the year before it that would bear another VAT, since something
    /// that changes on a day was put on record in hindsight. They stay as they are until they are credited
    /// or replaced.
    outdated_vat: Vec<OutdatedVat>,
}

/// A final document that would bear another VAT by what is on record now.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OutdatedVat {
    /// Its number.
    #[schema(example = "FA-2027-000042")]
    number: String,
    /// The code of its member.
    #[schema(example = "forge")]
    member: String,
    /// The month it is of.
    #[schema(example = "2027-02")]
    period: String,
}

/// A credit that the month draws, or that ends soon.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CreditReview {
    /// Whose it is.
    member: MemberId,
    /// The credit.
    grant: GrantId,
    /// Why it was granted.
    #[schema(example = "Offre de bienvenue")]
    reason: String,
    /// What the month draws of it, without VAT.
    #[schema(example = "120.00")]
    drawn: String,
    /// What is left of it then.
    #[schema(example = "80.00")]
    left: String,
    /// The first day on which it is valid no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    valid_until: Option<Day>,
    /// Whether what is left can be drawn by this month and the next at most.
    ends_soon: bool,
}

/// Events that match nothing, for the same reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UnmatchedReview {
    reason: UnmatchedReason,
    /// How many there are.
    #[schema(example = 3)]
    events: i64,
}

/// What a month comes to for a member.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MemberReview {
    /// The member's code.
    code: String,
    /// Its name.
    name: String,
    /// How many documents it gets.
    documents: usize,
    /// Without VAT.
    #[schema(example = "66.00")]
    net: String,
    /// With VAT.
    #[schema(example = "79.20")]
    gross: String,
    /// What the month before came to without VAT, if there was a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "60.00", nullable = false)]
    before: Option<String>,
    /// What is out of the ordinary, and why.
    remarks: Vec<ReviewRemark>,
}

/// Something out of the ordinary.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ReviewRemark {
    /// `first`, `moved`, `unused`, `credit`, `late`, `no_email`, `no_vat_number`, `by_hand`, `held`,
    /// `vat_changed` (another VAT than before, since a day within what is billed) or `outdated_vat` (on a
    /// draft, of what was changed on record since).
    #[schema(example = "first")]
    code: &'static str,
    /// In words.
    text: Text,
}

/// What a month comes to for a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ServiceReview {
    /// The service's code.
    code: String,
    /// Without VAT, before credits are drawn.
    #[schema(example = "3300.00")]
    net: String,
    /// The prices that the pool reached, charge by charge.
    pools: Vec<PoolReview>,
    /// Members that used it without a subscription, by id: nobody pays for that.
    without_subscription: Vec<String>,
    /// Meters of whose usage some has no price.
    without_price: Vec<String>,
    /// Whether it was used before the first month that is invoiced: nobody is billed for that. It is
    /// told with that month.
    used_before: bool,
}

/// The price that a pool reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PoolReview {
    /// What the charge is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    charge: Option<String>,
    /// What all members used together.
    #[schema(example = "60000")]
    quantity: String,
    /// What everyone pays, for as many units as `price_base` says.
    #[schema(example = "0.055000")]
    unit_price: String,
    /// For how many units that price is.
    #[schema(example = 1)]
    price_base: u32,
    /// How many members used any.
    active_members: usize,
    /// What all save together by not being alone.
    #[schema(example = "120.00")]
    saved: String,
    /// What the pole forgoes because of a cap.
    #[schema(example = "0.00")]
    forgone: String,
}

impl InvoiceReview {
    pub(super) fn of(view: &MonthView, review: &Review) -> Self {
        let text = |money: Money| money.to_string();
        let members = review.members.iter().map(|member| MemberReview {
            code: member.code.clone(),
            name: member.name.clone(),
            documents: member.documents,
            net: text(member.net),
            gross: text(member.gross),
            before: member.before.map(text),
            remarks: member
                .remarks
                .iter()
                .map(|remark| ReviewRemark { code: remark.as_str(), text: remark.text() })
                .collect(),
        });
        let minor = |minor| text(Money::from_minor(minor, view.currency));
        let services = review.services.iter().map(|service| ServiceReview {
            code: service.facts.code.clone(),
            net: text(service.net),
            pools: service
                .facts
                .pools
                .iter()
                .map(|pool| PoolReview {
                    charge: pool.charge.clone(),
                    quantity: pool.quantity.clone(),
                    unit_price: pool.unit_price.clone(),
                    price_base: pool.price_base,
                    active_members: pool.active_members,
                    saved: minor(pool.saved_minor),
                    forgone: minor(pool.forgone_minor),
                })
                .collect(),
            without_subscription: service.facts.strangers.iter().cloned().collect(),
            without_price: service.facts.unpriced.iter().cloned().collect(),
            used_before: service.facts.used_before,
        });
        let credits = review.credits.iter().map(|credit| CreditReview {
            member: credit.member.clone(),
            grant: credit.grant.clone(),
            reason: credit.reason.clone(),
            drawn: text(credit.drawn),
            left: text(credit.left),
            valid_until: credit.valid_until.clone(),
            ends_soon: credit.ends_soon,
        });
        let outdated_vat = review.outdated_vat.iter().map(|it| OutdatedVat {
            number: it.number.clone(),
            member: it.member.clone(),
            period: it.period.clone(),
        });
        Self {
            period: view.month.to_string(),
            closed: view.run.is_some(),
            net: text(review.net),
            vat: text(review.vat),
            gross: text(review.gross),
            unmatched_usage: review
                .unmatched
                .iter()
                .map(|(reason, events)| UnmatchedReview { reason: *reason, events: *events })
                .collect(),
            members: members.collect(),
            services: services.collect(),
            credits: credits.collect(),
            outdated_vat: outdated_vat.collect(),
        }
    }
}
