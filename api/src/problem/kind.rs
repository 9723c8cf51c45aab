//! The problems there are. Their names are part of the API and never change.

use actix_web::http::StatusCode;

use crate::say;
use crate::text::Text;

/// Declares the problem types: name in the URI, status, title in both languages.
macro_rules! problem_types {
    ($($(#[$about:meta])* $variant:ident = $name:literal, $status:ident, $en:literal, $fr:literal;)+) => {
        /// Which problem it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ProblemType { $($(#[$about])* $variant),+ }

        impl ProblemType {
            /// Its HTTP status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// The URI by which programs tell it.
            pub(crate) fn uri(self) -> String {
                let name = match self { $(Self::$variant => $name),+ };
                format!("https://palier.dev/problems/{name}")
            }

            /// What it means in general.
            pub(crate) fn title(self) -> Text {
                match self { $(Self::$variant => say!(en $en, fr $fr)),+ }
            }
        }
    };
}

problem_types! {
    /// A parameter or a header is wrong.
    BadRequest = "bad-request", BAD_REQUEST,
        "A parameter or a header is not valid", "Un paramètre ou un en-tête n’est pas valide";
    /// The body is not JSON, or names a field twice.
    MalformedBody = "malformed-body", BAD_REQUEST,
        "The request body cannot be read", "Le corps de la requête est illisible";
    /// Nobody is signed in, or the token has expired.
    Unauthenticated = "unauthenticated", UNAUTHORIZED,
        "Sign in first", "Authentification requise";
    /// The caller is known and may not do this.
    Forbidden = "forbidden", FORBIDDEN,
        "You may not do this", "Opération interdite";
    /// Nothing there that the caller may see.
    NotFound = "not-found", NOT_FOUND,
        "Not found", "Introuvable";
    /// The address does not have this method.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED,
        "Method not supported", "Méthode non prise en charge";
    /// The request contradicts what is there.
    Conflict = "conflict", CONFLICT,
        "The request contradicts what is there", "La requête contredit l’existant";
    /// An Idempotency-Key came again with another request.
    IdempotencyConflict = "idempotency-conflict", CONFLICT,
        "The Idempotency-Key was used for another request",
        "L’Idempotency-Key a déjà servi à une autre requête";
    /// The object has changed since the caller read it.
    Changed = "precondition-failed", PRECONDITION_FAILED,
        "It has changed since you read it", "L’objet a changé depuis votre lecture";
    /// The body is larger than this address takes.
    TooLarge = "body-too-large", PAYLOAD_TOO_LARGE,
        "The request body is too large", "Le corps de la requête est trop grand";
    /// The body is of a type this address does not take.
    UnsupportedType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE,
        "The request body has the wrong type", "Le corps de la requête est du mauvais type";
    /// Parts of the body do not hold what they should.
    InvalidBody = "invalid-body", UNPROCESSABLE_ENTITY,
        "The request body is not valid", "Le corps de la requête n’est pas valide";
    /// An update must say which version it changes.
    PreconditionRequired = "precondition-required", PRECONDITION_REQUIRED,
        "Say which version you change, with If-Match",
        "Indiquez la version modifiée avec If-Match";
    /// Too many attempts.
    TooMany = "too-many-requests", TOO_MANY_REQUESTS,
        "Too many requests", "Trop de requêtes";
    /// A fault of ours.
    Internal = "internal", INTERNAL_SERVER_ERROR,
        "Internal error", "Erreur interne";
    /// Overloaded, or the database is away.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        "Temporarily unavailable", "Momentanément indisponible";
}
