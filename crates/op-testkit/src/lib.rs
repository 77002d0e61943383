//! What the tests share: a server started in process, and the readers of the test vectors.

mod server;
pub mod vectors;

pub use server::TestServer;
