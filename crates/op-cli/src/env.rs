//! `opwire env`.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use op_core::{
    methods::{
        EnvironmentsCreate, EnvironmentsDelete, EnvironmentsGetVariables, EnvironmentsList, EnvironmentsSetVariables,
        EnvironmentsUnsetVariables,
    },
    types::{EnvironmentCreateParams, EnvironmentVariable},
};
use op_protocol::id::VaultId;

use crate::{
    ask,
    caller::Caller as _,
    dotenv, find, out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create an Environment without variables, and print its id
    Create(Create),
    /// List the ids and titles of all Environments, or the names of one Environment's variables
    List(List),
    /// Print the value of a variable
    ///
    /// Example: opwire env get Production API_KEY
    Get(Get),
    /// Set a variable to a value that you type, or that is read from standard input or a file
    ///
    /// With --file, every byte is kept, including a final line break. From a typed or piped value, a final line break
    /// is removed.
    ///
    /// Example: opwire env set Production TLS_KEY --file key.pem
    Set(Set),
    /// Remove variables
    ///
    /// Example: opwire env unset Production OLD_KEY OLDER_KEY
    Unset(Unset),
    /// Set all variables of a `.env` file
    ///
    /// The file is read by the rules of `opwire run`, but references are stored as they are written.
    ///
    /// Example: opwire env import Production .env
    Import(Import),
    /// Print all variables as NAME=value lines
    ///
    /// sh, `opwire run`, `opwire env import`, and the `.env` readers of Node and Python read the lines as the same
    /// values. If they would read a value differently, the export fails and names the variable: print it with `opwire
    /// env get`.
    ///
    /// Example: opwire env export Production --output .env
    Export(Export),
    /// Delete an Environment and all its variables
    Delete(Delete),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Title of the Environment
    title: String,
    /// Description of the Environment
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct List {
    /// Environment, by title or id, whose variables to list
    environment: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Get {
    /// Environment, by title or id
    environment: String,
    /// Name of the variable
    name: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Set {
    /// Environment, by title or id
    environment: String,
    /// Name of the variable
    name: String,
    /// File with the value; - for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Store the value as not secret, so that apps show it unmasked
    #[arg(long)]
    visible: bool,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Unset {
    /// Environment, by title or id
    environment: String,
    /// Names of the variables
    #[arg(required = true)]
    names: Vec<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Import {
    /// Environment, by title or id
    environment: String,
    /// File to read; - for standard input
    file: PathBuf,
    /// Store the values as not secret, so that apps show them unmasked
    #[arg(long)]
    visible: bool,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Export {
    /// Environment, by title or id
    environment: String,
    /// File to write, readable only by you; if not given, standard output
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Delete {
    /// Environment, by title or id
    environment: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => {
            let client = sign_in::account(&arguments.account).await?;
            let params = EnvironmentCreateParams { title: arguments.title, description: arguments.description };
            out::line(&client.call(EnvironmentsCreate { params }).await?.id)
        }
        Command::List(arguments) => list(arguments).await,
        Command::Get(arguments) => get(arguments).await,
        Command::Set(arguments) => set(arguments).await,
        Command::Unset(arguments) => {
            let client = sign_in::account(&arguments.account).await?;
            let environment_id = find::environment_id(&client, &arguments.environment).await?;
            Ok(client.call(EnvironmentsUnsetVariables { environment_id, names: arguments.names }).await?)
        }
        Command::Import(arguments) => import(arguments).await,
        Command::Export(arguments) => export(arguments).await,
        Command::Delete(arguments) => {
            let client = sign_in::account(&arguments.account).await?;
            let environment = find::environment(&client, &arguments.environment).await?;
            ask::confirm(&format!("Deleting the Environment {}", environment.title), arguments.yes)?;
            Ok(client.call(EnvironmentsDelete { environment_id: VaultId::from_server(environment.id) }).await?)
        }
    }
}

async fn list(arguments: List) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let environments = EnvironmentsList {};
    match arguments.environment {
        None => {
            for environment in client.call(environments).await? {
                out::row(&[&environment.id, &environment.title])?;
            }
        }
        Some(environment) => {
            let environment_id = find::environment_id(&client, &environment).await?;
            for variable in client.call(EnvironmentsGetVariables { environment_id }).await?.variables {
                out::line(&variable.name)?;
            }
        }
    }
    Ok(())
}

async fn get(arguments: Get) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let environment_id = find::environment_id(&client, &arguments.environment).await?;
    let all = client.call(EnvironmentsGetVariables { environment_id }).await?.variables;
    // If a name occurs more than once, the last value counts, as when the variables are loaded into a process.
    let variable = all.iter().rfind(|variable| variable.name == arguments.name);
    let variable = variable
        .ok_or_else(|| anyhow!("the Environment {} has no variable {}", arguments.environment, arguments.name))?;
    out::exact(zeroize::Zeroizing::new(format!("{}\n", variable.value)).as_bytes())
}

async fn set(arguments: Set) -> Result<()> {
    let value = match &arguments.file {
        Some(file) => ask::text(file)?,
        None => ask::typed(&format!("Value of {}: ", arguments.name))?,
    };
    let client = sign_in::account(&arguments.account).await?;
    let environment_id = find::environment_id(&client, &arguments.environment).await?;
    let variable = EnvironmentVariable { name: arguments.name, value: value.to_string(), masked: !arguments.visible };
    Ok(client.call(EnvironmentsSetVariables { environment_id, variables: vec![variable] }).await?)
}

async fn import(arguments: Import) -> Result<()> {
    let text = ask::text(&arguments.file)?;
    let pairs = op_core::read_variables(&text).with_context(|| arguments.file.display().to_string())?;
    let client = sign_in::account(&arguments.account).await?;
    let environment_id = find::environment_id(&client, &arguments.environment).await?;
    let variable = |(name, value): (String, zeroize::Zeroizing<String>)| EnvironmentVariable {
        name,
        value: value.to_string(),
        masked: !arguments.visible,
    };
    let variables: Vec<_> = pairs.into_iter().map(variable).collect();
    let count = variables.len();
    client.call(EnvironmentsSetVariables { environment_id, variables }).await?;
    out::line(&format!("Variables set: {count}."))
}

async fn export(arguments: Export) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let environment_id = find::environment_id(&client, &arguments.environment).await?;
    let all = client.call(EnvironmentsGetVariables { environment_id }).await?.variables;
    let mut text = zeroize::Zeroizing::new(String::new());
    for variable in &all {
        text.push_str(&dotenv::line(&variable.name, &variable.value)?);
    }
    ask::write_private(&arguments.output, &text)
}
