//! `opwire-items`: items for the tests of all languages.
//!
//! `opwire-items SEED COUNT VAULT-ID` prints generated ones as JSON. `opwire-items recorded VAULT-ID` puts those of the
//! recorded vault into another, by the service account of `OP_SERVICE_ACCOUNT_TOKEN`.

use op_testkit::{
    account::host,
    bare::{Bare, Failure},
    generate,
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["recorded", vault_id] => {
            let token = std::env::var("OP_SERVICE_ACCOUNT_TOKEN")?;
            Bare::sign_in(host(), &token).await?.put_recorded(vault_id).await
        }
        [seed, count, vault_id] => {
            println!("{}", serde_json::to_string(&generate::items(seed.parse()?, count.parse()?, vault_id))?);
            Ok(())
        }
        _ => Err("usage: opwire-items SEED COUNT VAULT-ID, or opwire-items recorded VAULT-ID".into()),
    }
}
