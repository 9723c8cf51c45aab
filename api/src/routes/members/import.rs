//! Importing a file of members.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, post, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::{MembersWrite, PoleMay};
use crate::http::permitted::{self, Reading};
use crate::http::{Answer, Once, Query, expect_type, read_bytes};
use crate::members_file::{MAX_BYTES, RowFault};
use crate::members_import::{ImportError, ImportFile, ImportReport, import, rehearse};
use crate::problem::{Fault, Problem, ProblemType};
use crate::routes::PolePath;
use crate::say;

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    let limit = web::PayloadConfig::new(MAX_BYTES);
    api.service(scope::scope("/members/import").app_data(limit).service(import_members));
}

/// A file as it was sent.
struct Upload(web::Bytes);

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            expect_type(&asked, &[CSV, XLSX])?;
            Ok(Self(read_bytes(&asked, bytes.await)?))
        })
    }
}

/// A list of members as CSV: comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct CsvFile(String);

/// A list of members as a workbook, on its first sheet.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, example = "(the bytes of an .xlsx file)")]
#[expect(dead_code, reason = "says in the document what a body is")]
struct Workbook(Vec<u8>);

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Say what would happen, and write nothing.
    #[serde(default)]
    #[param(required = false, default = false)]
    dry_run: bool,
}

/// Imports members from a file.
///
/// All of the file or nothing: where something is wrong with it, all faults are told, each with its
/// line and column, and nothing is written. A member is known by its `code`: it is added, or
/// changed where the file says something new; the same file again changes nothing. What the file
/// does not say stays as it is, and members that are not in it stay too.
///
/// The first line names the columns, in any order: `code`, `name`, `address` and `city`, and as
/// wanted `legal_form`, `siren`, `siret`, `vat_number`, `vat_regime`, `size`, `address_line2`,
/// `postcode`, `country` (France where it is empty), `email`, `language`, `electronic_address`,
/// `purchase_order` and `payment_terms`.
/// French names, such as `raison sociale`, are understood. At most 20,000 members and 8 MB.
#[utoipa::path(
    tag = "members",
    operation_id = "importMembers",
    params(PolePath, ImportQuery),
    request_body(content(
        (CsvFile = "text/csv", example = "code;name;siren;address;postcode;city;email\nforge;Forge du Rhône SAS;732829320;36 rue de l’Atelier;69007;Lyon;compta@forge.example\n"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "What was done, or would be.", body = ImportReport)),
    security(("token" = ["members:write"])),
    extensions(("x-makes-many" = json!(true))),
)]
#[post("")]
async fn import_members(
    caller: PoleMay<MembersWrite>,
    once: Once,
    query: Query<ImportQuery>,
    file: Upload,
) -> Result<Answer, Problem> {
    let (Query(ImportQuery { dry_run }), Upload(bytes)) = (query, file);
    let read = web::block(move || ImportFile::read(&bytes)).await;
    let file = read.map_err(|error| Problem::internal(&error))?.map_err(refused)?;
    let (pole, at) = (Arc::clone(&caller.pole), caller.now());
    if dry_run {
        let report = caller.read(move |conn, _| Ok(rehearse(conn, &pole, at, &file)?)).await?;
        return Answer::ok(&report);
    }
    caller
        .answer(once, move |tx| import(tx, &pole, &file)?.and_then(|report| Answer::ok(&report)))
        .await
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Faults(faults) => refused(faults),
            ImportError::Raced => Self::state(say!(
                en "Somebody added a member of this file while it was being imported; send it again.",
                fr "Un adhérent de ce fichier a été ajouté pendant l’import ; renvoyez-le."
            )),
            ImportError::Database(error) => error.into(),
        }
    }
}

fn refused(faults: Vec<RowFault>) -> Problem {
    let detail = match faults.len() {
        1 => say!(
            en "Something is wrong with the file; nothing was imported.",
            fr "Le fichier contient une erreur ; rien n’a été importé."
        ),
        count => say!(
            en "{count} things are wrong with the file; nothing was imported.",
            fr "Le fichier contient {count} erreurs ; rien n’a été importé."
        ),
    };
    let errors = faults.into_iter().map(Fault::from).collect();
    Problem { errors, ..Problem::new(ProblemType::InvalidBody, detail) }
}
