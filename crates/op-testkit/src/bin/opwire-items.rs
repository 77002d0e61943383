//! `opwire-items`: items for the tests of all languages.
//!
//! `opwire-items SEED COUNT VAULT-ID` prints generated items as JSON. The other commands act as the service account of
//! `OP_SERVICE_ACCOUNT_TOKEN`: `opwire-items recorded VAULT-ID` puts the items of the recorded vault into the vault.
//! `opwire-items put VAULT-ID` reads a list of `{"templateUuid", "overview", "details"}` with plaintexts from standard
//! input, puts them into the vault, and prints their ids. `opwire-items share VAULT-ID` reads a list of
//! [`op_testkit::shares::Case`], puts each item into the vault, shares it, and prints the links.

use op_testkit::{
    account::host,
    bare::{Bare, Failure},
    generate, shares,
};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["recorded", vault_id] => sign_in().await?.put_recorded(vault_id).await,
        ["put", vault_id] => {
            let items: Vec<Value> = serde_json::from_reader(std::io::stdin())?;
            let ids = sign_in().await?.put_plain(vault_id, &items).await?;
            println!("{}", serde_json::to_string(&ids)?);
            Ok(())
        }
        ["share", vault_id] => {
            let cases: Vec<shares::Case> = serde_json::from_reader(std::io::stdin())?;
            let session = sign_in().await?;
            let mut created = Vec::new();
            for case in cases {
                created.push(shares::create(&session, vault_id, case).await?);
            }
            println!("{}", serde_json::to_string(&created)?);
            Ok(())
        }
        [seed, count, vault_id] => {
            println!("{}", serde_json::to_string(&generate::items(seed.parse()?, count.parse()?, vault_id))?);
            Ok(())
        }
        _ => Err("usage: opwire-items SEED COUNT VAULT-ID, or opwire-items recorded|put|share VAULT-ID".into()),
    }
}

async fn sign_in() -> Result<Bare, Failure> {
    Bare::sign_in(host(), &std::env::var("OP_SERVICE_ACCOUNT_TOKEN")?).await
}
