//! Fuzz targets, one for each decoder: of a caller's input, of a server's answers, and of a client's requests.
//!
//! A target takes any bytes, and panics if one of its promises is broken: nothing panics or overflows, work and memory
//! are bounded, errors have a message and contain no secret, decoded data can be encoded without loss, and a client
//! still works after an invalid answer. `cargo test -p op-fuzz` runs the targets over mutated seeds for some seconds,
//! and `ci/fuzz` runs them under libFuzzer for a chosen time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a target reports a fault by panicking"
)]

mod account;
mod agent;
mod answers;
mod client;
mod frames;
mod input;
mod invocations;
mod items;
mod requests;
mod shares;
mod texts;
mod visitors;
mod wire;

/// A function to fuzz.
pub struct Target {
    /// The name, which `ci/fuzz` and the folder in `corpus` use.
    pub name: &'static str,
    /// Runs one input, and panics if it finds a fault.
    pub run: fn(&[u8]),
    /// Inputs that pass the first checks.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// The number of inputs in a test. Sign-ins and requests to a server take longer than parsing a text.
    pub test_cases: u32,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "token", run: texts::token, seeds: texts::token_seeds, test_cases: 2000 },
    Target { name: "secret-key", run: texts::secret_key, seeds: texts::secret_key_seeds, test_cases: 2000 },
    Target { name: "reference", run: texts::reference, seeds: texts::reference_seeds, test_cases: 1000 },
    Target { name: "explain", run: texts::explain, seeds: texts::reference_seeds, test_cases: 500 },
    Target { name: "env", run: texts::env, seeds: texts::env_seeds, test_cases: 1000 },
    Target { name: "recipe", run: texts::recipe, seeds: texts::recipe_seeds, test_cases: 2000 },
    Target { name: "envelope", run: wire::envelope, seeds: wire::envelope_seeds, test_cases: 2000 },
    Target { name: "rsa-key", run: wire::rsa_key, seeds: wire::rsa_key_seeds, test_cases: 500 },
    Target { name: "keysets", run: wire::keysets, seeds: wire::keysets_seeds, test_cases: 2000 },
    Target { name: "key-graph", run: wire::key_graph, seeds: wire::key_graph_seeds, test_cases: 2000 },
    Target { name: "request-mac", run: wire::request_mac, seeds: wire::request_mac_seeds, test_cases: 2000 },
    Target { name: "plaintext", run: wire::plaintext, seeds: items::item_seeds, test_cases: 2000 },
    Target { name: "invoke", run: invocations::invoke, seeds: invocations::invoke_seeds, test_cases: 2000 },
    Target { name: "config", run: invocations::config, seeds: invocations::config_seeds, test_cases: 1000 },
    Target { name: "item", run: items::item, seeds: items::item_seeds, test_cases: 500 },
    Target { name: "totp", run: items::totp, seeds: items::totp_seeds, test_cases: 1000 },
    Target { name: "ssh-key", run: items::ssh_key, seeds: items::ssh_key_seeds, test_cases: 500 },
    Target { name: "timestamp", run: items::timestamp, seeds: items::timestamp_seeds, test_cases: 1000 },
    Target { name: "sign-in", run: answers::sign_in, seeds: answers::sign_in_seeds, test_cases: 100 },
    Target { name: "answer", run: answers::answer, seeds: answers::answer_seeds, test_cases: 300 },
    Target { name: "share", run: shares::share, seeds: shares::share_seeds, test_cases: 1000 },
    Target { name: "frame", run: frames::frame, seeds: frames::frame_seeds, test_cases: 500 },
    Target { name: "agent-frame", run: agent::frame, seeds: agent::frame_seeds, test_cases: 2000 },
    Target { name: "agent-config", run: agent::config, seeds: agent::config_seeds, test_cases: 1000 },
    Target { name: "request", run: requests::request, seeds: requests::request_seeds, test_cases: 300 },
    Target { name: "visitor", run: visitors::visitor, seeds: visitors::visitor_seeds, test_cases: 500 },
];

/// Returns the target with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    /// Returns the seeds, and the saved inputs in `corpus`.
    ///
    /// # Panics
    /// A saved input cannot be read.
    #[must_use]
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let mut inputs = (self.seeds)();
        let saved = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name);
        if let Ok(folder) = std::fs::read_dir(saved) {
            inputs.extend(folder.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()));
        }
        inputs
    }
}
