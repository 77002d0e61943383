//! The content of files: ciphertexts in a folder or a bucket, each under its id.

use std::io;
use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use tokio::io::AsyncWriteExt;

use crate::FileStorage;

/// Where they are in the data folder.
pub(crate) const FILES_FOLDER: &str = "files";

/// Files up to this many bytes are stored in one piece, larger ones in parts of this size.
const PART: usize = 8 << 20;
/// How many parts of an upload are stored at a time; each is in memory until it is stored.
const PARTS_AT_ONCE: usize = 2;

/// Where files are kept.
pub(crate) struct Files {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// None for a bucket.
    folder: Option<PathBuf>,
    pub(crate) max_size: u32,
}

/// Why a file could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is larger than this server allows.
    #[error("the file is larger than this server allows")]
    TooLarge,
    /// The client did not send all of it.
    #[error("the body did not arrive completely")]
    Interrupted,
    /// The store failed.
    #[error("storing a file: {0}")]
    Store(io::Error),
}

impl Files {
    pub(crate) fn open(storage: &FileStorage, max_size: u32, data_dir: &FsPath) -> object_store::Result<Self> {
        let (store, prefix, folder): (Arc<dyn ObjectStore>, Path, Option<PathBuf>) = match storage {
            FileStorage::Folder => {
                let folder = data_dir.join(FILES_FOLDER);
                std::fs::create_dir_all(&folder).map_err(folder_error)?;
                // An upload that was answered with success survives a power failure.
                let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
                (Arc::new(store), Path::default(), Some(folder))
            }
            FileStorage::S3 { bucket, prefix } => {
                let s3 = AmazonS3Builder::from_env().with_bucket_name(bucket).build()?;
                (Arc::new(s3), Path::from(prefix.as_str()), None)
            }
        };
        Ok(Self { store, prefix, folder, max_size })
    }

    /// Stores a file as it arrives, and returns its size. A stored file survives a crash of this server.
    pub(crate) async fn write(&self, id: &str, body: Body) -> Result<u32, WriteError> {
        let mut writer =
            BufWriter::with_capacity(Arc::clone(&self.store), self.path(id), PART).with_max_concurrency(PARTS_AT_ONCE);
        match self.copy(body, &mut writer).await {
            Ok(size) => {
                writer.shutdown().await.map_err(WriteError::Store)?;
                Ok(size)
            }
            Err(error) => {
                if let Err(cause) = writer.abort().await {
                    tracing::warn!(%cause, "aborting an upload");
                }
                Err(error)
            }
        }
    }

    async fn copy(&self, body: Body, writer: &mut BufWriter) -> Result<u32, WriteError> {
        let mut size = 0_u32;
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk: Bytes = chunk.map_err(|_| WriteError::Interrupted)?;
            let length = u32::try_from(chunk.len()).map_err(|_| WriteError::TooLarge)?;
            size = size.saturating_add(length);
            if size > self.max_size {
                return Err(WriteError::TooLarge);
            }
            writer.put(chunk).await.map_err(|cause| WriteError::Store(cause.into()))?;
        }
        Ok(size)
    }

    /// Returns the size of a file, and its content as it is read.
    pub(crate) async fn read(&self, id: &str) -> object_store::Result<(u64, Body)> {
        let file = self.store.get(&self.path(id)).await?;
        Ok((file.meta.size, Body::from_stream(file.into_stream())))
    }

    /// Returns a part of a file as it is read.
    pub(crate) async fn read_part(&self, id: &str, part: Range<u64>) -> object_store::Result<Body> {
        if part.is_empty() {
            return Ok(Body::empty());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(part)), ..GetOptions::default() };
        Ok(Body::from_stream(self.store.get_opts(&self.path(id), options).await?.into_stream()))
    }

    /// Removes a file, and what an upload that was interrupted has left. It is no error if the file is missing.
    pub(crate) async fn delete(&self, id: &str) -> object_store::Result<()> {
        match self.store.delete(&self.path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let Some(folder) = &self.folder else { return Ok(()) };
        remove_parts(&folder.join(shelf(id)), id).await.map_err(folder_error)
    }

    fn path(&self, id: &str) -> Path {
        self.prefix.clone().join(shelf(id)).join(id)
    }
}

/// The folder of a file, named by the first two characters of its id, so that files are spread over many folders.
fn shelf(id: &str) -> &str {
    id.get(..2).unwrap_or(id)
}

/// Removes the files `<id>#<number>`, which an upload leaves when its server dies.
async fn remove_parts(folder: &FsPath, id: &str) -> io::Result<()> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let prefix = format!("{id}#");
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
            tokio::fs::remove_file(entry.path()).await?;
        }
    }
    Ok(())
}

fn folder_error(cause: io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "folder", source: cause.into() }
}
