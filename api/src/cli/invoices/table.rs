//! What a month comes to, for people and for scripts.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use palier_billing::{Currency, Money};
use serde_json::{Value, json};

use crate::invoicing::review::{
    CreditReview, MemberReview, OutdatedVat, Remark, Review, ServiceReview,
};
use crate::invoicing::view::{MonthView, PoolFacts};
use crate::quote::words::{counted, grouped, month_name};
use crate::text::Language;

const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Members, services, and a line that sums up.
pub(super) fn write(view: &MonthView, review: &Review, dry_run: bool) -> String {
    let mut out = String::new();
    if !review.members.is_empty() {
        out.push_str(&members(review));
        out.push('\n');
    }
    for service in &review.services {
        out.push_str(&about(service, view.currency));
    }
    for credit in &review.credits {
        out.push_str(&about_credit(credit));
    }
    for outdated in &review.outdated_vat {
        out.push_str(&about_vat(outdated));
    }
    if !review.unmatched.is_empty() {
        out.push_str(&unmatched(review));
    }
    let count = view.documents.len();
    let count = counted(u64::try_from(count).unwrap_or(u64::MAX), "document", "documents");
    let month = month_name(view.month);
    let state = match (dry_run, &view.run) {
        (true, None) => "nothing is written, the month is open",
        (true, Some(_)) => "nothing is written, the month is closed",
        (false, _) => "the month is closed, its drafts are written",
    };
    let (net, vat, gross) = (grouped(review.net), grouped(review.vat), grouped(review.gross));
    let code = view.currency.code();
    let sum = format!("{month}: {count}, {net} {code} net, {vat} VAT, {gross} in all; {state}\n");
    out + &sum
}

/// What nobody is billed for until its cause is mended.
fn unmatched(review: &Review) -> String {
    let sum = review.unmatched.iter().map(|(_, count)| *count).fold(0, i64::saturating_add);
    let count = counted(u64::try_from(sum).unwrap_or_default(), "event", "events");
    let reasons = review.unmatched.iter().map(|(reason, count)| {
        let reason = reason.as_str().replace('_', " ");
        format!("{reason}: {}", grouped(count))
    });
    let reasons = reasons.collect::<Vec<_>>().join(", ");
    format!("{count} of the month matching nothing, billed to nobody until resolved ({reasons})\n")
}

fn members(review: &Review) -> String {
    let mut table = Table::new();
    table.load_style(RULED).set_header(["member", "name", "net", "gross", "change", "remarks"]);
    for member in &review.members {
        let remarks =
            member.remarks.iter().map(|it| it.text().in_language(Language::En).to_owned());
        table.add_row([
            member.code.clone(),
            member.name.clone(),
            grouped(member.net),
            grouped(member.gross),
            change(member),
            remarks.collect::<Vec<_>>().join(", "),
        ]);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 3 }, 0));
        if (2..=4).contains(&at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// The change against the month before, in per cent.
fn change(member: &MemberReview) -> String {
    let Some(before) = member.before.map(Money::minor).filter(|minor| *minor != 0) else {
        return "–".to_owned();
    };
    let difference = i128::from(member.net.minor()).saturating_sub(before.into());
    let percent = difference.saturating_mul(100).checked_div(i128::from(before).abs());
    percent.map_or_else(String::new, |percent| format!("{percent:+} %"))
}

fn about(service: &ServiceReview, currency: Currency) -> String {
    let ServiceReview { net, facts: service } = service;
    let mut lines = vec![format!("{} ({}): {}", service.name, service.code, grouped(*net))];
    for pool in &service.pools {
        let charge = pool.charge.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        let active = u64::try_from(pool.active_members).unwrap_or(u64::MAX);
        let unit = match pool.price_base {
            1 => "a unit".to_owned(),
            base => format!("for {} units", grouped(base)),
        };
        lines.push(format!(
            "  {charge}{} used together by {}, {} {unit}; together they save {}",
            grouped(&pool.quantity),
            counted(active, "member", "members"),
            pool.unit_price,
            grouped(Money::from_minor(pool.saved_minor, currency)),
        ));
    }
    if !service.strangers.is_empty() {
        let who = service.strangers.iter().cloned().collect::<Vec<_>>().join(", ");
        lines.push(format!("  used without a subscription, billed to nobody: {who}"));
    }
    if !service.unpriced.is_empty() {
        let meters = service.unpriced.iter().cloned().collect::<Vec<_>>().join(", ");
        lines.push(format!("  usage without a price: {meters}"));
    }
    if service.used_before {
        let told = "  used before this first month that is invoiced: nobody is billed for that";
        lines.push(told.to_owned());
    }
    lines.join("\n") + "\n"
}

fn about_credit(credit: &CreditReview) -> String {
    let CreditReview { member, grant, reason, drawn, left, valid_until, ends_soon } = credit;
    let end = valid_until.as_ref().map(|day| format!(", not from {day} on")).unwrap_or_default();
    let soon = if *ends_soon { ": this month or the next draws it, or none" } else { "" };
    let (drawn, left) = (grouped(drawn), grouped(left));
    format!("credit {grant} of {member}, {reason}: {drawn} drawn, {left} left{end}{soon}\n")
}

fn about_vat(OutdatedVat { number, member, period }: &OutdatedVat) -> String {
    format!(
        "{number} of {member}, {period}: its days bear another VAT by what is on record now; credit or \
         replace it\n"
    )
}

/// For scripts.
pub(super) fn json(view: &MonthView, review: &Review, dry_run: bool) -> Value {
    let services = review.services.iter().map(|ServiceReview { net, facts: service }| {
        let pools = service.pools.iter().map(|it| pool(it, view.currency));
        json!({
            "code": service.code, "net": net, "pools": pools.collect::<Vec<_>>(),
            "without_subscription": service.strangers, "without_price": service.unpriced,
            "used_before": service.used_before,
        })
    });
    let members = review.members.iter().map(|member| {
        json!({
            "code": member.code, "name": member.name, "documents": member.documents,
            "net": member.net, "gross": member.gross, "before": member.before,
            "remarks": member.remarks.iter().map(|it| Remark::as_str(*it)).collect::<Vec<_>>(),
        })
    });
    json!({
        "period": view.month, "dry_run": dry_run, "closed": view.run.is_some(),
        "documents": view.documents.len(),
        "net": review.net, "vat": review.vat, "gross": review.gross,
        "unmatched_usage": review.unmatched.iter().map(|(reason, events)| {
            json!({ "reason": reason, "events": events })
        }).collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(), "members": members.collect::<Vec<_>>(),
        "credits": review.credits.iter().map(credit).collect::<Vec<_>>(),
        "outdated_vat": review.outdated_vat.iter().map(|it| {
            json!({ "number": it.number, "member": it.member, "period": it.period })
        }).collect::<Vec<_>>(),
    })
}

fn credit(credit: &CreditReview) -> Value {
    json!({
        "member": credit.member, "grant": credit.grant, "reason": credit.reason,
        "drawn": credit.drawn, "left": credit.left, "valid_until": credit.valid_until,
        "ends_soon": credit.ends_soon,
    })
}

fn pool(pool: &PoolFacts, currency: Currency) -> Value {
    let money = |minor| Money::from_minor(minor, currency);
    json!({
        "charge": pool.charge, "quantity": pool.quantity, "unit_price": pool.unit_price,
        "price_base": pool.price_base, "active_members": pool.active_members,
        "saved": money(pool.saved_minor), "forgone": money(pool.forgone_minor),
    })
}
