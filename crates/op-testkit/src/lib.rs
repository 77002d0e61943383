//! What the tests share: a server started in process, an account on it, a hand on the wire, and the test vectors.

pub mod account;
mod server;
pub mod vectors;
mod wire;

pub use account::TestAccount;
pub use server::TestServer;
pub use wire::Wire;
