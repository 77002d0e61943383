//! The same tests over PostgreSQL.

use std::process::Command;

use op_testkit::postgres::{Durability, POSTGRES_VARIABLE, Postgres};

/// Runs this program once more, each of its tests over a database of its own.
#[tokio::test]
async fn all_tests_pass_over_postgres() {
    let postgres = Postgres::start(Durability::None).await;
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "all_tests_pass_over_postgres"])
        .env(POSTGRES_VARIABLE, postgres.url())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!report.contains(" 0 passed"), "{report}");
}
