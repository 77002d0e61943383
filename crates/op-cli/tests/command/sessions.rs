//! The sessions that commands start.

use op_core::{Client, Credentials, Identity, Options};
use op_protocol::secret_key::SecretKey;
use tempfile::TempDir;

use crate::support::*;

/// Signs the owner of the account in, as another program.
async fn another_program(address: &str, secret_key: &str) -> Client {
    let host = std::sync::Arc::new(op_host::NativeHost::new(&op_host::HostOptions::default()).unwrap());
    let secret_key = SecretKey::parse(secret_key).unwrap();
    let credentials =
        Credentials::person("you@example.com", secret_key, PASSWORD.to_owned().into(), "device".to_owned());
    let identity = Identity {
        programming_language: "Rust".to_owned(),
        sdk_version: op_core::SDK_VERSION.to_owned(),
        integration_name: "Nightly report".to_owned(),
        integration_version: "v2".to_owned(),
        request_library: "reqwest".to_owned(),
        request_library_version: "0".to_owned(),
        os: "linux".to_owned(),
        os_version: "0.0.0".to_owned(),
        architecture: "riscv64".to_owned(),
        machine_name: "cellar".to_owned(),
    };
    Client::sign_in(host, address, credentials, identity, Options::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_ends_its_session_and_lists_those_of_others() {
    let home = TempDir::new().unwrap();
    let (server, secret_key) = start_with_account(home.path());
    for _ in 0..3 {
        run(opwire(home.path()).args(["vault", "list"]));
    }
    fails(opwire(home.path()).args(["item", "list", "--vault", "unknown"]));
    run(opwire(home.path()).args(["run", "--", "true"]));
    let sessions = || run(opwire(home.path()).args(["session", "list"]));
    let own = sessions();
    assert_eq!(own.lines().count(), 1, "{own}");
    assert!(own.ends_with("\tcurrent") && own.contains("\topwire CLI/"), "{own}");
    assert!(own.contains(std::env::consts::ARCH), "{own}");

    let other = another_program(&server.address, &secret_key).await;
    let list = sessions();
    let theirs = list.lines().find(|line| !line.ends_with("\tcurrent")).unwrap();
    assert!(theirs.ends_with("\t127.0.0.1\tNightly report/v2\tcellar linux riscv64"), "{theirs}");
    let id = theirs.split('\t').next().unwrap();
    run(opwire(home.path()).args(["session", "sign-out", id]));
    assert!(!sessions().contains(id));
    drop(other);
}
