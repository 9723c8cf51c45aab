//! Errors as the API tells them: RFC 9457, in the caller's language.
//!
//! Which error belongs where: `billing` has its own, about tariffs and calculations; [`DbError`] is
//! the database's and never reaches a caller; a [`Problem`] is what a handler answers. A handler
//! turns the errors it expects into problems by name; everything else becomes
//! [`ProblemType::Internal`], which is logged with its cause and says nothing of it outside.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::DbError;
use crate::say;
use crate::text::{Language, Text};

mod kind;

pub(crate) use kind::ProblemType;

/// What an API caller is told when something cannot be done.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// Which problem it is.
    pub(crate) kind: ProblemType,
    /// What happened this time.
    pub(crate) detail: Text,
    /// What is wrong with the request, part by part.
    pub(crate) errors: Vec<Fault>,
    /// After how many seconds it is worth trying again.
    pub(crate) retry_after_seconds: Option<u64>,
}

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where it is.
    pub(crate) place: FaultPlace,
    /// A stable word for it.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) detail: Text,
}

/// Where in a request a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultPlace {
    /// A JSON pointer (RFC 6901) into the body.
    Body(String),
    /// A parameter of the query.
    Query(String),
    /// A header.
    Header(&'static str),
    /// A body that is a table: a line, from 1, and a column by name; neither, where it is the file
    /// as a whole.
    File {
        /// The line.
        line: Option<u64>,
        /// The column.
        column: Option<String>,
    },
}

impl Fault {
    /// A fault of the body.
    pub(crate) fn body(pointer: impl Into<String>, code: &'static str, detail: Text) -> Self {
        Self { place: FaultPlace::Body(pointer.into()), code, detail }
    }

    /// The same fault of a part of the body that stands at a JSON pointer.
    pub(crate) fn within(mut self, pointer: &str) -> Self {
        if let FaultPlace::Body(place) = &mut self.place {
            place.insert_str(0, pointer);
        }
        self
    }

    /// What it says, in a language.
    pub(crate) fn said(&self, language: Language) -> FaultBody {
        let mut body = FaultBody {
            pointer: None,
            parameter: None,
            header: None,
            line: None,
            column: None,
            code: self.code.to_owned(),
            detail: self.detail.in_language(language).to_owned(),
        };
        match &self.place {
            FaultPlace::Body(pointer) => body.pointer = Some(pointer.clone()),
            FaultPlace::Query(name) => body.parameter = Some(name.clone()),
            FaultPlace::Header(name) => body.header = Some((*name).to_owned()),
            FaultPlace::File { line, column } => {
                (body.line, body.column) = (*line, column.clone());
            }
        }
        body
    }

    /// A fault of a query parameter.
    pub(crate) fn query(name: impl Into<String>, code: &'static str, detail: Text) -> Self {
        Self { place: FaultPlace::Query(name.into()), code, detail }
    }

    /// A fault of a header.
    pub(crate) const fn header(name: &'static str, code: &'static str, detail: Text) -> Self {
        Self { place: FaultPlace::Header(name), code, detail }
    }
}

impl Problem {
    /// A problem with what happened this time.
    pub(crate) const fn new(kind: ProblemType, detail: Text) -> Self {
        Self { kind, detail, errors: Vec::new(), retry_after_seconds: None }
    }

    /// Nothing of that name, or nothing the caller may know of.
    pub(crate) fn not_found() -> Self {
        let detail = say!(
            en "There is nothing at this address, or nothing you may see.",
            fr "Il n’y a rien à cette adresse, ou rien que vous puissiez voir."
        );
        Self::new(ProblemType::NotFound, detail)
    }

    /// The caller is known and may not do this.
    pub(crate) fn forbidden() -> Self {
        let detail = say!(
            en "Your role or the scopes of your key do not allow this.",
            fr "Votre rôle ou la portée de votre clé ne le permet pas."
        );
        Self::new(ProblemType::Forbidden, detail)
    }

    /// Parts of the body do not hold what they should.
    pub(crate) fn invalid(errors: Vec<Fault>) -> Self {
        let count = errors.len();
        let detail = match count {
            1 => say!(en "One field is wrong.", fr "Un champ est incorrect."),
            _ => say!(en "{count} fields are wrong.", fr "{count} champs sont incorrects."),
        };
        Self { errors, ..Self::new(ProblemType::InvalidBody, detail) }
    }

    /// A parameter or a header is wrong.
    pub(crate) fn bad_request(fault: Fault) -> Self {
        let detail = fault.detail.clone();
        Self { errors: vec![fault], ..Self::new(ProblemType::BadRequest, detail) }
    }

    /// What the request asks for contradicts what is there.
    pub(crate) fn conflict(fault: Fault) -> Self {
        let detail = fault.detail.clone();
        Self { errors: vec![fault], ..Self::new(ProblemType::Conflict, detail) }
    }

    /// What the object's state does not allow.
    pub(crate) const fn state(detail: Text) -> Self {
        Self::new(ProblemType::Conflict, detail)
    }

    /// The object is not what the caller saw.
    pub(crate) fn changed() -> Self {
        let detail = say!(
            en "Somebody changed it since you read it; read it again.",
            fr "Quelqu’un l’a modifié depuis votre lecture ; relisez-le."
        );
        Self::new(ProblemType::Changed, detail)
    }

    /// A fault of ours. The cause goes to the log.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        let detail = say!(
            en "Something went wrong on our side; it was logged under the request id.",
            fr "Une erreur s’est produite de notre côté ; elle est journalisée sous l’identifiant de la requête."
        );
        Self::new(ProblemType::Internal, detail)
    }

    /// Not now. The cause goes to the log.
    pub(crate) fn unavailable(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "database unavailable");
        let detail = say!(
            en "The service is overloaded or its database is away; try again shortly.",
            fr "Le service est surchargé ou sa base de données indisponible ; réessayez sous peu."
        );
        Self { retry_after_seconds: Some(1), ..Self::new(ProblemType::Unavailable, detail) }
    }

    /// The answer, in a language.
    pub(crate) fn response(&self, language: Language) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status());
        response.content_type("application/problem+json");
        response.insert_header(("Content-Language", language.code()));
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        if self.kind == ProblemType::Unauthenticated {
            response.insert_header(("WWW-Authenticate", "Bearer realm=\"palier\""));
        }
        response.json(self.body(language))
    }

    /// What it says, in a language.
    pub(crate) fn body(&self, language: Language) -> ProblemBody {
        let say = |text: &Text| text.in_language(language).to_owned();
        ProblemBody {
            r#type: self.kind.uri(),
            title: say(&self.kind.title()),
            status: self.kind.status().as_u16(),
            detail: say(&self.detail),
            errors: self.errors.iter().map(|fault| fault.said(language)).collect(),
        }
    }
}

impl std::fmt::Display for FaultPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Body(place) | Self::Query(place) => f.write_str(place),
            Self::Header(place) => f.write_str(place),
            Self::File { line: None, column: None } => f.write_str("file"),
            Self::File { line: Some(line), column: None } => write!(f, "line {line}"),
            Self::File { line: None, column: Some(column) } => write!(f, "column {column}"),
            Self::File { line: Some(line), column: Some(column) } => {
                write!(f, "line {line}, column {column}")
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail.en)?;
        for fault in &self.errors {
            write!(f, " {}: {}", fault.place, fault.detail.en)?;
        }
        Ok(())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    /// In English; the outermost layer, which knows the request, says it in the caller's language.
    fn error_response(&self) -> HttpResponse {
        self.response(Language::En)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        if error.is_passing() {
            return Self::unavailable(&error);
        }
        if let DbError::Dropped { before } = error {
            return Self::state(say!(
                en "The events of before {before} that this takes were dropped.",
                fr "Les événements d’avant le {before} qu’il y faudrait ont été supprimés."
            ));
        }
        Self::internal(&error)
    }
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

/// An error, as RFC 9457 has it. `type` is stable and meant for programs; `title` and `detail` are
/// for people, in the language of `Accept-Language` (French or English).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Which problem it is: a URI that never changes.
    #[schema(example = "https://palier.dev/problems/invalid-body")]
    r#type: String,
    /// What this problem means in general.
    #[schema(example = "The request body is not valid")]
    title: String,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time.
    #[schema(example = "2 fields are wrong.")]
    detail: String,
    /// What is wrong with the request, part by part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FaultBody>,
}

/// One fault of a request.
#[derive(Serialize, ToSchema)]
#[schema(as = Fault)]
pub(crate) struct FaultBody {
    /// Where in the body: a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/siren")]
    pub(crate) pointer: Option<String>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<String>,
    /// Which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    header: Option<String>,
    /// Which line of a file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    line: Option<u64>,
    /// Which column of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    column: Option<String>,
    /// A stable word for what is wrong.
    #[schema(example = "format")]
    code: String,
    /// What is wrong, for people.
    #[schema(example = "A SIREN has 9 digits, the last of which is a check digit.")]
    pub(crate) detail: String,
}
