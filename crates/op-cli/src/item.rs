//! `opwire item`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use op_core::{
    methods::{ItemsCreate, ItemsGet, ItemsList, PASSED_OVER},
    parse_id,
    types::ItemCreateParams,
};
use op_protocol::json;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    ask,
    caller::Caller as _,
    find, op_template, out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create an item from a JSON template, and print its id
    ///
    /// The template has the form of the SDKs' ItemCreateParams, without the vault:
    ///
    /// {"category":"Login","title":"Example","fields":[{"id":"password","title":"password","fieldType":"Concealed","value":"..."}]}
    ///
    /// Templates of the `op` command, with "category":"LOGIN", are accepted too. A member that neither form has is
    /// refused, and the error names it.
    ///
    /// Example: opwire item create --vault Development --template login.json
    Create(Create),
    /// List the ids and titles of a vault's active items
    List(List),
    /// Print an item as JSON, including its secrets
    ///
    /// Example: opwire item get ycn3fdvl4dxsbvcmmxvfm6qmsi --vault Development
    Get(Get),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    /// File with the template; - for standard input
    #[arg(long, value_name = "FILE")]
    template: PathBuf,
    /// Title of the item; if not given, the template's
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct List {
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Get {
    /// Id of the item
    id: String,
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::List(arguments) => list(arguments).await,
        Command::Get(arguments) => get(arguments).await,
    }
}

async fn create(arguments: Create) -> Result<()> {
    let mut params = parameters(read_template(&arguments.template)?, &arguments)?;
    let client = sign_in::account(&arguments.account).await?;
    params.vault_id = find::vault(&client, &arguments.vault).await?.id;
    out::line(&client.call(ItemsCreate { params }).await?.id)
}

/// Returns the parameters from a template of either form. The caller sets the vault.
fn parameters(template: Value, arguments: &Create) -> Result<ItemCreateParams> {
    let template = if op_template::is_op_template(&template) { op_template::parameters(template)? } else { template };
    let Value::Object(mut params) = template else {
        bail!("the template must be a JSON object such as {{\"category\":\"Login\",\"title\":\"Example\"}}");
    };
    params.insert("vaultId".to_owned(), json!(""));
    if let Some(title) = &arguments.title {
        params.insert("title".to_owned(), json!(title));
    }
    let text = Zeroizing::new(serde_json::to_vec(&params)?);
    let read = json::parse(&text).and_then(|template| json::from_tree_strictly(template, &PASSED_OVER));
    read.map_err(|error| anyhow!("the template is invalid: {error}"))
}

fn read_template(file: &Path) -> Result<Value> {
    serde_json::from_str(&ask::text(file)?).with_context(|| format!("{} is not valid JSON", file.display()))
}

async fn list(arguments: List) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let vault_id = find::vault_id(&client, &arguments.vault).await?;
    for item in client.call(ItemsList { vault_id, filters: Vec::new() }).await? {
        out::row(&[&item.id, &item.title])?;
    }
    Ok(())
}

async fn get(arguments: Get) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let vault_id = find::vault_id(&client, &arguments.vault).await?;
    let item = client.call(ItemsGet { vault_id, item_id: parse_id("item_id", &arguments.id)? }).await?;
    out::json(&item, true)
}
