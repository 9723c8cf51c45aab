//! The documents of a month in one file.

use std::io;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use futures_util::stream::unfold;
use palier_billing::Month;
use serde::Deserialize;
use utoipa::IntoParams;

use super::PolePath;
use crate::archive::bundle::{Bundle, MEDIA_TYPE, Wanted};
use crate::auth::{InvoicesRead, May};
use crate::http::Query;
use crate::id::MemberId;
use crate::problem::{Fault, Problem};
use crate::say;

/// Which documents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BundleQuery {
    /// Of which month.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-07")]
    period: String,
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// With their electronic invoices (CII) as files of their own.
    #[param(default = false)]
    xml: Option<bool>,
}

/// The final documents of a month in one file (zip), under their numbers.
///
/// Staff get all of them, a member its own. Each file is the one that `/pdf` and `/cii` answer with; those
/// that are not kept yet are made and kept on the way. Drafts are not in it. The same documents make the
/// same bytes. An answer whose connection breaks is not whole, and no program opens it: ask again.
#[utoipa::path(
    tag = "invoices",
    operation_id = "downloadInvoices",
    params(PolePath, BundleQuery),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/zip"),
        (status = 400, description = "This is no month."),
        (status = 404, description = "No document of the month is final.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices.zip")]
pub(super) async fn download_invoices(
    caller: May<InvoicesRead>,
    query: Query<BundleQuery>,
) -> Result<HttpResponse, Problem> {
    let Query(BundleQuery { period, member, xml }) = query;
    let month: Month = period.parse().map_err(|_| no_month())?;
    let among = (!caller.reach.pole).then(|| caller.reach.members.clone());
    let wanted = Wanted { month, among, member, with_xml: xml.unwrap_or_default() };
    let found = Bundle::of(&caller.app, &caller.pole, wanted).await?;
    let mut bundle = found.ok_or_else(Problem::not_found)?;
    // What is wrong is told as elsewhere, before anything is streamed.
    let first = bundle.next().await?;
    let pieces = unfold((bundle, first), |(mut bundle, first)| async {
        let piece = match first {
            Some(piece) => Ok(Some(piece)),
            None => bundle.next().await,
        };
        let piece: io::Result<Bytes> = piece.map_err(io::Error::other).transpose()?;
        if let Err(error) = &piece {
            tracing::error!(%error, "the file of a month breaks off");
        }
        Some((piece, (bundle, None)))
    });
    let name = format!("attachment; filename=\"{}-{month}.zip\"", caller.pole.code);
    Ok(HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(pieces))
}

fn no_month() -> Problem {
    let detail =
        say!(en "Expected a month such as 2026-07.", fr "Attendu : un mois tel que 2026-07.");
    Problem::bad_request(Fault::query("period", "month", detail))
}
