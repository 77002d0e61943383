//! What the tests share: a server started in process, PostgreSQL, an account on it, a hand on the wire, a proxy that
//! injects faults, and the test vectors.

pub mod account;
pub mod bare;
pub mod faults;
pub mod generate;
pub mod postgres;
mod server;
pub mod vectors;
mod wire;

pub use account::TestAccount;
pub use faults::FaultProxy;
pub use postgres::Postgres;
pub use server::{Database, TestServer};
pub use wire::Wire;
