//! Helpers that the tests share: a server in the test's process, PostgreSQL, an account on the server, hosts that watch
//! and change requests and responses, a proxy that injects faults, and the test vectors.

pub mod account;
mod answers;
pub mod bare;
pub mod faults;
pub mod generate;
pub mod postgres;
mod server;
pub mod shares;
pub mod vectors;
mod wire;

pub use account::TestAccount;
pub use answers::Answers;
pub use faults::FaultProxy;
pub use postgres::Postgres;
pub use server::{Database, TestServer};
pub use wire::Wire;
