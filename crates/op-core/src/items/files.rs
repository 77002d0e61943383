//! The content of files: encrypted, sent, fetched and opened.

use futures_util::{StreamExt, TryStreamExt, future::join, stream};
use op_protocol::{
    file::{FileKey, MAX_CIPHERTEXT, SigningKey, TAG_LENGTH},
    id::{self, ItemId, VaultId},
    item::FileAttributes,
    rest::{ItemResponse, UploadResponse, routes},
};

use crate::{
    attachments::Bytes,
    client::Client,
    error::{Error, ErrorKind, Result},
    host::{Crypto, CryptoError},
    ids,
    items::read,
    plaintext::{decode, is_active},
    types,
};

/// How many files of one call are uploaded at the same time. The ciphertext of each is in memory.
const CONCURRENT_UPLOADS: usize = 4;

/// A file to upload.
pub(crate) struct NewFile {
    pub(crate) name: String,
    pub(crate) content: Bytes,
}

impl From<&types::DocumentCreateParams> for NewFile {
    fn from(params: &types::DocumentCreateParams) -> Self {
        Self { name: params.name.clone(), content: params.content.clone() }
    }
}

impl From<&types::FileCreateParams> for NewFile {
    fn from(params: &types::FileCreateParams) -> Self {
        Self { name: params.name.clone(), content: params.content.clone() }
    }
}

/// Uploads files, several at a time. Returns the result of each, in the order of the files.
pub(crate) async fn upload_all(client: &Client, files: Vec<NewFile>) -> Vec<Result<FileAttributes>> {
    let uploads = files.into_iter().map(|file| upload(client, file));
    stream::iter(uploads).buffered(CONCURRENT_UPLOADS).collect().await
}

/// Uploads a caller's file.
pub(crate) async fn upload(client: &Client, file: NewFile) -> Result<FileAttributes> {
    if file.name.is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "cannot upload files without a name").with_field("name"));
    }
    send(client, file).await
}

/// Encrypts a file with its own key and uploads it. It belongs to no item until an item refers to it.
async fn send(client: &Client, file: NewFile) -> Result<FileAttributes> {
    if file.content.len() + TAG_LENGTH > MAX_CIPHERTEXT as usize {
        return Err(Error::new(ErrorKind::FileTooBig, "").with_field("content"));
    }
    let connection = &client.api.connection;
    let crypto = connection.host.crypto();
    let mut key = FileKey { key: connection.random().into(), nonce: connection.random(), integrity_hash: [0; 32] };
    let ciphertext = crypto.aes_gcm_seal(&key.key, &key.nonce, &file.content).await.map_err(platform_refused)?;
    let upload = client.api.upload::<UploadResponse>(&ciphertext);
    let (hash, upload) = join(crypto.sha256(&ciphertext), upload).await;
    key.integrity_hash = hash.map_err(platform_refused)?;
    let upload = upload?;
    if SigningKey::from_jwk(&upload.signing_key).is_none() {
        let problem = "the server sent no signing key, with `k` and `kid`, for an uploaded file";
        return Err(Error::new(ErrorKind::InvalidResponse, problem));
    }
    let kid = id::new_id(connection.random());
    Ok(FileAttributes::new(&file.name, file.content.len() as u64, upload, &kid, &key))
}

/// Uploads copies of an item's files, each with its own key.
pub(crate) async fn upload_copies(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    files: &[FileAttributes],
) -> Result<Vec<FileAttributes>> {
    let copies = files.iter().cloned().map(|file| upload_copy(client, vault_id, item_id, file));
    stream::iter(copies).buffered(CONCURRENT_UPLOADS).try_collect().await
}

async fn upload_copy(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    file: FileAttributes,
) -> Result<FileAttributes> {
    let content = fetch(client, vault_id, item_id, &file).await?;
    let copy = send(client, NewFile { name: file.file_name.text().to_owned(), content }).await?;
    Ok(copy.with_rest_of(file))
}

/// Fails unless each of an item's files can be fetched and opened.
pub(crate) async fn check_files(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    files: Vec<FileAttributes>,
) -> Result<()> {
    let checks = files.into_iter().map(|file| check_file(client, vault_id, item_id, file));
    stream::iter(checks).buffered(CONCURRENT_UPLOADS).try_collect().await
}

async fn check_file(client: &Client, vault_id: &VaultId, item_id: &ItemId, file: FileAttributes) -> Result<()> {
    fetch(client, vault_id, item_id, &file).await.map(drop)
}

/// Returns the content of a file of an active item.
pub(crate) async fn read(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    wanted: &types::FileAttributes,
) -> Result<Bytes> {
    let ciphertext = ciphertext(client, vault_id, item_id, &wanted.id, wanted.size.into());
    let (item, ciphertext) = join(read::item_and_key(client, vault_id, item_id), ciphertext).await;
    let (ItemResponse { item: record, .. }, key) = item?;
    if !is_active(&record) {
        return Err(ids::not_active(item_id));
    }
    let plaintext = read::open_record(client, &record, &key).await?;
    let files = decode::files(&(&record).into(), &plaintext)?;
    let Some(file) = files.iter().find(|file| file.document_id.text() == wanted.id) else {
        return Err(Error::new(ErrorKind::InvalidConfiguration, "document not found in item")
            .with_reason(format_args!("file `{}` of item `{item_id}`", wanted.id))
            .with_field("attr.id"));
    };
    open(crypto(client), file, ciphertext?).await
}

fn crypto(client: &Client) -> &dyn Crypto {
    client.host().crypto()
}

/// Fetches the ciphertext of an item's file.
async fn ciphertext(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    file_id: &str,
    size: u64,
) -> Result<Vec<u8>> {
    check_id(file_id)?;
    client.api.download(&routes::FILE.at([vault_id.as_str(), item_id.as_str(), file_id]), size).await
}

/// Refuses a text that cannot be a file's id, and must not change the route.
pub(crate) fn check_id(file_id: &str) -> Result<()> {
    let fits = !file_id.is_empty() && file_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fits { Ok(()) } else { Err(ids::not_found("file", file_id)) }
}

/// Opens the ciphertext of a file, after checking that it is the one that was uploaded.
pub(crate) async fn open(crypto: &dyn Crypto, file: &FileAttributes, ciphertext: Vec<u8>) -> Result<Bytes> {
    let refused = |what: &str| Error::new(ErrorKind::Decryption, format_args!("file: {what}"));
    let key = file.key().ok_or_else(|| refused("the item does not have its key"))?;
    if crypto.sha256(&ciphertext).await.map_err(platform_refused)? != key.integrity_hash {
        return Err(refused("DecryptionHashMismatch"));
    }
    let content = crypto.aes_gcm_open(&key.key, &key.nonce, ciphertext).await;
    content.map(Bytes::from).map_err(|CryptoError| refused("the item has another key"))
}

/// Fetches and opens a file of an item.
pub(crate) async fn fetch(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    file: &FileAttributes,
) -> Result<Bytes> {
    let size = file.unencrypted_size.get().copied().unwrap_or(0);
    let ciphertext = ciphertext(client, vault_id, item_id, file.document_id.text(), size).await?;
    open(crypto(client), file, ciphertext).await
}

fn platform_refused(_: CryptoError) -> Error {
    Error::new(ErrorKind::Internal, "the platform's cryptography failed")
}
