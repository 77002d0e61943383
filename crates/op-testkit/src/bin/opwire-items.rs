//! `opwire-items SEED COUNT VAULT-ID`: prints generated items as JSON, for the tests of all languages.

use op_testkit::generate;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, count, vault_id] = arguments.as_slice() else {
        return Err("usage: opwire-items SEED COUNT VAULT-ID".into());
    };
    println!("{}", serde_json::to_string(&generate::items(seed.parse()?, count.parse()?, vault_id))?);
    Ok(())
}
