//! `opwire document`.

use std::{fs, io::Write as _, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use op_core::{
    methods::{ItemsCreate, ItemsFilesRead, ItemsGet},
    parse_id,
    types::{DocumentCreateParams, ItemCategory, ItemCreateParams},
};
use op_protocol::id::ItemId;
use zeroize::Zeroizing;

use crate::{
    caller::Caller as _,
    find, out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Store a file as a Document, and print its id
    ///
    /// Example: opwire document create report.pdf --vault Development
    Create(Create),
    /// Print a Document's file, or save it
    ///
    /// Example: opwire document get ycn3fdvl4dxsbvcmmxvfm6qmsi --vault Development --out report.pdf
    Get(Get),
}

#[derive(Args)]
pub(crate) struct Create {
    /// File to store
    file: PathBuf,
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    /// Title of the Document; if not given, the file's name
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Get {
    /// Id of the Document
    id: String,
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    /// File to write, readable only by you; if not given, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::Get(arguments) => get(arguments).await,
    }
}

async fn create(arguments: Create) -> Result<()> {
    let place = || arguments.file.display().to_string();
    let content = Zeroizing::new(fs::read(&arguments.file).with_context(place)?).into();
    let name = arguments.file.file_name().with_context(place)?.to_string_lossy().into_owned();
    let client = sign_in::account(&arguments.account).await?;
    let params = ItemCreateParams {
        category: ItemCategory::Document,
        vault_id: find::vault(&client, &arguments.vault).await?.id,
        title: arguments.title.unwrap_or_else(|| name.clone()),
        fields: None,
        sections: None,
        notes: None,
        tags: None,
        websites: None,
        files: None,
        document: Some(DocumentCreateParams { name, content }),
    };
    out::line(&client.call(ItemsCreate { params }).await?.id)
}

async fn get(arguments: Get) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let vault_id = find::vault_id(&client, &arguments.vault).await?;
    let item_id: ItemId = parse_id("item_id", &arguments.id)?;
    let item = client.call(ItemsGet { vault_id: vault_id.clone(), item_id: item_id.clone() }).await?;
    let attr = item.document.clone().with_context(|| format!("the item {} is not a Document", arguments.id))?;
    let content = client.call(ItemsFilesRead { vault_id, item_id, attr }).await?;
    match arguments.out {
        Some(file) => write_private(&file, &content).with_context(|| file.display().to_string()),
        None => out::exact(&content),
    }
}

/// Writes a temporary file and renames it, so that an existing file is replaced completely or not at all.
fn write_private(file: &std::path::Path, content: &[u8]) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut temporary = tempfile::NamedTempFile::new_in(folder.unwrap_or(std::path::Path::new(".")))?;
    temporary.write_all(content)?;
    temporary.persist(file)?;
    Ok(())
}
