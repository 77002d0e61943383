//! op-core as a WebAssembly module for hosts without a JavaScript engine, such as wazero.
//!
//! The module is a reactor: the host starts calls, and each entry returns a [`step::Step`] with all operations that can
//! run now. The host performs them outside the module, concurrently, and enters again with each result. The module has
//! no threads and never blocks.
//!
//! ```text
//! op_start(kind, input)  ─┐
//! op_resume(op, event)   ─┼─> Step { requests to perform, calls that ended, requests to cancel }
//! op_cancel(call)        ─┘
//! ```
//!
//! `exports.txt` lists the module's exports and imports; nothing else crosses the boundary.

#[cfg(target_family = "wasm")]
mod abi;
pub mod executor;
pub mod frame;
pub mod host;
pub mod module;
pub mod ops;
pub mod step;
