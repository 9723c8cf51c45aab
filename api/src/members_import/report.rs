//! What an import did, or would do.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::words;
use crate::id::MemberId;

words! {
    /// What became of a member.
    pub(crate) enum ImportAction {
        /// It was not on record yet.
        Created = "created",
        /// The file said something new of it.
        Updated = "updated",
    }
}

/// What an import did; of a dry run, what it would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MembersImport)]
pub(crate) struct ImportReport {
    /// Whether nothing was written.
    pub(crate) dry_run: bool,
    /// SHA-256 of the file, as the audit log has it.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        example = "8281336cb6c27e36595120f2c6b6515c25970ffb492021896d0f4701caabe3c4"
    )]
    pub(crate) file_sha256: String,
    /// How many members were added.
    #[schema(minimum = 0, example = 2)]
    pub(crate) created: usize,
    /// How many were changed.
    #[schema(minimum = 0, example = 1)]
    pub(crate) updated: usize,
    /// Of how many the file said nothing new.
    #[schema(minimum = 0, example = 66)]
    pub(crate) unchanged: usize,
    /// What was added and changed, in the order of the file.
    pub(crate) changes: Vec<MemberChange>,
}

/// A member that an import added or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberChange {
    /// Line of the file, from 1.
    #[schema(minimum = 1, example = 2)]
    pub(crate) line: u64,
    /// The pole's own code for it.
    #[schema(example = "forge")]
    pub(crate) code: String,
    /// Its id, unless it is one that a dry run would add.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) member: Option<MemberId>,
    pub(crate) action: ImportAction,
    /// Which of its fields changed; none are named of one that was added.
    #[schema(example = json!(["address", "billing_contact"]))]
    pub(crate) fields: Vec<String>,
}
