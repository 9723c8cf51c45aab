//! Where files are kept: a folder, or a bucket of whoever speaks S3.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use aws_lc_rs::digest::{SHA256, digest};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, RetryConfig};

use crate::db::DatabaseUrl;
use crate::db::archive::FileForm;
use crate::id::PoleId;
use crate::mail::Attached;

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArchivePlace {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket, and what the names of its objects begin with; who may write there is said by the
    /// variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and `AWS_ENDPOINT`.
    Bucket {
        /// What the bucket is called.
        name: String,
        /// What names in it begin with.
        prefix: String,
    },
}

impl ArchivePlace {
    /// A folder beside the database, or where the program is started.
    pub(crate) fn beside(database: Option<&DatabaseUrl>) -> Self {
        match database {
            Some(DatabaseUrl::Sqlite(path)) => Self::Folder(path.with_extension("archive")),
            _ => Self::Folder(PathBuf::from("palier.archive")),
        }
    }
}

impl FromStr for ArchivePlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("s3", place)) => {
                let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
                if name.is_empty() {
                    return Err("expected s3://BUCKET or s3://BUCKET/PREFIX".to_owned());
                }
                let prefix = prefix.trim_end_matches('/');
                Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
            }
            Some((scheme, _)) => {
                Err(format!("unknown kind of archive {scheme:?}: expected a folder or s3://BUCKET"))
            }
            None if text.is_empty() => Err("expected a folder or s3://BUCKET".to_owned()),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

impl std::fmt::Display for ArchivePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { name, prefix } if prefix.is_empty() => write!(f, "s3://{name}"),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

/// Why a file cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// It is not there.
    #[error("archive: {0} is missing")]
    Missing(String),
    /// It is not what was kept.
    #[error("archive: {0} is not what was kept under that name")]
    Touched(String),
    /// Whoever keeps it says no.
    #[error("archive: {0}")]
    Failed(String),
}

/// How long a bucket is waited for: somebody waits for the answer, and whoever archives comes again anyway.
fn patience() -> RetryConfig {
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(10), ..RetryConfig::default() }
}

/// Files under their hashes.
pub(crate) struct Store {
    inside: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Store {
    /// Opens it; a folder is made when the first file comes.
    ///
    /// # Errors
    /// What is wrong with the place.
    pub(crate) fn open(place: &ArchivePlace) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("archive: {place}: {error}");
        Ok(match place {
            ArchivePlace::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
                let files = LocalFileSystem::new_with_prefix(folder);
                // The database says that a file is kept once it is: it must be on disk by then.
                let files = files.map_err(|error| failed(&error))?.with_fsync(true);
                Self { inside: Arc::new(files), prefix: Path::default() }
            }
            ArchivePlace::Bucket { name, prefix } => {
                let bucket = AmazonS3Builder::from_env().with_bucket_name(name);
                let bucket = bucket.with_retry(patience()).build();
                let bucket = bucket.map_err(|error| failed(&error))?;
                Self { inside: Arc::new(bucket), prefix: Path::from(prefix.as_str()) }
            }
        })
    }

    /// Keeps a file under its hash. Whoever keeps the same once more changes nothing.
    pub(super) async fn keep(
        &self,
        pole: &PoleId,
        form: FileForm,
        sha256: &str,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        let kept = self.inside.put(&self.path(pole, form, sha256), bytes.into()).await;
        kept.map(drop).map_err(|error| StoreError::Failed(error.to_string()))
    }

    /// A file, which is what was kept under its hash.
    pub(super) async fn fetch(
        &self,
        pole: &PoleId,
        form: FileForm,
        sha256: &str,
    ) -> Result<Bytes, StoreError> {
        let path = self.path(pole, form, sha256);
        let failed = |error| match error {
            object_store::Error::NotFound { .. } => StoreError::Missing(path.to_string()),
            error => StoreError::Failed(error.to_string()),
        };
        let bytes = self.inside.get(&path).await.map_err(failed)?.bytes().await.map_err(failed)?;
        if crate::hex(digest(&SHA256, &bytes).as_ref()) == sha256 {
            Ok(bytes)
        } else {
            Err(StoreError::Touched(path.to_string()))
        }
    }

    /// A file that a mail takes with it.
    pub(crate) async fn file(&self, file: &Attached) -> Result<Bytes, String> {
        let fetched = self.fetch(&file.pole, file.form, &file.sha256).await;
        fetched.map_err(|error| error.to_string())
    }

    /// The first two digits are a folder, so that none has millions of files.
    fn path(&self, pole: &PoleId, form: FileForm, sha256: &str) -> Path {
        let folder = sha256.get(..2).unwrap_or(sha256);
        let file = format!("{sha256}.{}", form.ending());
        [pole.as_str(), folder, &file].into_iter().fold(self.prefix.clone(), Path::join)
    }
}
