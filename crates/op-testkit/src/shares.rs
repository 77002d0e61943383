//! Shares for the tests of the page that opens them, created without the client.

use base64ct::{Base64, Encoding};
use op_core::Crypto;
use op_host::NativeCrypto;
use op_protocol::{
    envelope::Envelope,
    file::FileKey,
    id,
    item::{FILE_KIND, FileAttributes},
    jwk::SymmetricKey,
    rest::{
        CreateShareRequest, CreateShareResponse, FileReference, ShareRecipient, SharedFile, UploadResponse, routes,
        share_type,
    },
    share::LinkSecret,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::bare::{Bare, Failure};

type Result<T> = std::result::Result<T, Failure>;

/// An item, and how it is shared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// The item's category.
    template_uuid: String,
    /// The plaintext of the overview.
    overview: Value,
    /// The plaintext of the details.
    details: Value,
    /// Files to attach, after the details' own sections.
    #[serde(default)]
    files: Vec<NewFile>,
    /// In seconds.
    #[serde(default = "hour")]
    expiry: u32,
    max_views: Option<u32>,
    /// E-mail addresses.
    recipients: Option<Vec<String>>,
    password: Option<String>,
    /// Whether what is shared is sealed with another key than that of the link.
    #[serde(default)]
    is_tampered: bool,
}

#[derive(Deserialize)]
struct NewFile {
    name: String,
    /// Base64.
    content: String,
}

/// A share.
#[derive(Serialize)]
pub struct Created {
    /// The link.
    pub link: String,
    /// The share's id.
    pub uuid: String,
}

fn hour() -> u32 {
    3600
}

/// Stores an item as another program may have stored it, and shares it.
///
/// # Errors
/// The case is malformed, or the server refuses.
pub async fn create(bare: &Bare, vault_id: &str, case: Case) -> Result<Created> {
    let vault_key = bare.vault_key(vault_id).await?;
    let mut uploaded = Vec::new();
    for file in &case.files {
        uploaded.push(upload(bare, file).await?);
    }
    let details = with_files(case.details, &uploaded);
    let plain = json!({ "templateUuid": case.template_uuid, "overview": case.overview, "details": details });
    let mut item = bare.sealed_item(&plain, &vault_key)?;
    item.file_references = Some(uploaded.iter().map(|file| reference(file, &item.uuid)).collect::<Result<_>>()?);
    let item_uuid = item.uuid.clone();
    bare.put(vault_id, vec![item]).await?;

    let secret = LinkSecret::new(Zeroizing::new(bare.random()));
    let password = case.password.map(|password| secret.with_password(&password));
    let key = match &password {
        _ if case.is_tampered => SymmetricKey::new(secret.uuid(), bare.random()),
        Some(password) => password.key.clone(),
        None => secret.key(),
    };
    let recipients =
        case.recipients.map(|emails| emails.into_iter().map(|email| ShareRecipient::Email { email }).collect());
    let seal = |key: &SymmetricKey, plaintext: &[u8]| Envelope::seal(key, bare.random(), plaintext);
    let request = CreateShareRequest {
        uuid: secret.uuid(),
        token: secret.token().to_string(),
        vault_uuid: vault_id.to_owned(),
        item_uuid,
        item_version: 1,
        enc_overview: seal(&key, case.overview.to_string().as_bytes()),
        enc_details: seal(&key, details.to_string().as_bytes()),
        enc_share_secret: seal(&vault_key, secret.fragment().as_bytes()),
        file_references: uploaded
            .iter()
            .map(|file| SharedFile { file_uuid: file.document_id.text().to_owned() })
            .collect(),
        kind: if recipients.is_some() { share_type::RECIPIENTS } else { share_type::ANYONE }.to_owned(),
        expiry: case.expiry,
        max_views: case.max_views,
        recipients,
        password_proof: password.map(|password| password.proof.to_string()),
    };
    let created: CreateShareResponse = bare.post(routes::CREATE_SHARE.path, &serde_json::to_value(request)?).await?;
    Ok(Created { link: format!("{}#{}", created.url, *secret.fragment()), uuid: secret.uuid() })
}

/// Encrypts a file with its own key and uploads it.
async fn upload(bare: &Bare, file: &NewFile) -> Result<FileAttributes> {
    let content = Base64::decode_vec(&file.content).map_err(|_| "the content of a file is not base64")?;
    let mut key = FileKey { key: Zeroizing::new(bare.random()), nonce: bare.random(), integrity_hash: [0; 32] };
    let size = content.len() as u64;
    let ciphertext =
        NativeCrypto.aes_gcm_seal(&key.key, &key.nonce, &content).await.map_err(|error| error.to_string())?;
    key.integrity_hash = NativeCrypto.sha256(&ciphertext).await.map_err(|error| error.to_string())?;
    let upload: UploadResponse = bare.post_bytes(routes::UPLOAD_FILE.path, ciphertext).await?;
    Ok(FileAttributes::new(&file.name, size, upload, &id::new_id(bare.random()), &key))
}

/// Returns the details with a section that has these files.
fn with_files(mut details: Value, files: &[FileAttributes]) -> Value {
    let fields: Vec<Value> = files
        .iter()
        .enumerate()
        .map(|(number, file)| json!({ "t": "", "n": format!("file{number}"), "k": FILE_KIND, "v": file.to_value() }))
        .collect();
    if let Value::Object(members) = &mut details
        && !fields.is_empty()
        && let Value::Array(sections) = members.entry("sections").or_insert_with(|| json!([]))
    {
        sections.push(json!({ "name": "files", "title": "", "fields": fields }));
    }
    details
}

fn reference(file: &FileAttributes, item_uuid: &str) -> Result<FileReference> {
    let file_id = file.document_id.text().to_owned();
    let key = file.signing_key().ok_or("the server sent no signing key")?;
    let signature = key.sign(&file_id, item_uuid, 0);
    Ok(FileReference { file_id, signature })
}
