//! What an approved platform is here: somebody who is given files, and from whom messages arrive.
//!
//! A platform of another kind is another variant. Its functions may wait for a network, and are called
//! without a connection to the database; what they are given twice, after a crash, has the same name and the
//! same bytes, and is taken once.

use std::path::Path;

use actix_web::web::Bytes;

use super::folder::{Folder, Turn};
use crate::db::poles::PoleRow;
use crate::text::Text;

/// The way to a pole's platform.
#[derive(Debug)]
pub(crate) enum Platform {
    /// Folders, which whoever carries files to and from the platform empties and fills.
    Folder(Folder),
}

/// Why a platform did not do what it should.
#[derive(Debug, thiserror::Error)]
#[error("platform: {0}")]
pub(crate) struct PlatformError(pub(super) String);

/// What became of a message that arrived.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It was taken in, now or before.
    Taken,
    /// It was not, and why.
    Refused(Text),
}

impl Platform {
    /// Behind a folder, which must be there.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, String> {
        Folder::open(folder).map(Self::Folder)
    }

    /// Whether a pole exchanges documents by it.
    pub(crate) fn serves(&self, pole: &PoleRow) -> bool {
        match self {
            Self::Folder(folder) => folder.serves(&pole.code),
        }
    }

    /// Waits until nobody else gives it files of this pole, in this process or another, and keeps it so.
    pub(super) async fn turn(&self, pole: &PoleRow) -> Result<Turn, PlatformError> {
        match self {
            Self::Folder(folder) => folder.turn(&pole.code).await,
        }
    }

    /// Gives it a file: it is on its way when this returns. Who gives it again before it is said to be
    /// [given](Self::given) gives nothing.
    pub(super) async fn give(
        &self,
        pole: &PoleRow,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), PlatformError> {
        match self {
            Self::Folder(folder) => folder.give(&pole.code, name, bytes).await,
        }
    }

    /// Says that it is known, and stays so, that it was given a file.
    pub(super) async fn given(&self, pole: &PoleRow, name: &str) -> Result<(), PlatformError> {
        match self {
            Self::Folder(folder) => folder.given(&pole.code, name).await,
        }
    }

    /// The names of messages that arrived.
    pub(super) async fn arrived(&self, pole: &PoleRow) -> Result<Vec<String>, PlatformError> {
        match self {
            Self::Folder(folder) => folder.arrived(&pole.code).await,
        }
    }

    /// A message that arrived; none, if somebody else took it, and why where it is no message at all.
    pub(super) async fn fetch(
        &self,
        pole: &PoleRow,
        name: &str,
    ) -> Result<Option<Result<Bytes, Text>>, PlatformError> {
        match self {
            Self::Folder(folder) => folder.fetch(&pole.code, name).await,
        }
    }

    /// Puts a message away.
    pub(super) async fn settle(
        &self,
        pole: &PoleRow,
        name: &str,
        outcome: Outcome,
    ) -> Result<(), PlatformError> {
        match self {
            Self::Folder(folder) => folder.settle(&pole.code, name, outcome).await,
        }
    }
}
