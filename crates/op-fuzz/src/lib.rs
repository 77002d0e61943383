//! A fuzz target for each decoder: of what a caller passes, of what a server answers, and of what a client sends.
//!
//! A target takes any bytes and panics when one of its promises is broken: that nothing panics or overflows, that work
//! and memory are bounded, that errors say something and hold no secret, that what was read is written back the same,
//! that a client still works after a bad answer. `cargo test -p op-fuzz` runs them over mutated seeds for some
//! seconds, `ci/fuzz` under libFuzzer for as long as wanted.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a target reports what it found by panicking"
)]

mod account;
mod answers;
mod client;
mod frames;
mod input;
mod invocations;
mod items;
mod requests;
mod texts;
mod wire;

/// Something to be fuzzed.
pub struct Target {
    /// The name by which `ci/fuzz` knows it, and its folder in `corpus`.
    pub name: &'static str,
    /// Takes one input; panics when it finds a fault.
    pub run: fn(&[u8]),
    /// Inputs that get past the first checks.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many inputs are run in a test. Sign-ins and requests to a server take longer than parsing a text.
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
    Target { name: "frame", run: frames::frame, seeds: frames::frame_seeds, test_cases: 500 },
    Target { name: "request", run: requests::request, seeds: requests::request_seeds, test_cases: 300 },
];

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    /// The seeds, and the inputs that runs found and that were kept.
    ///
    /// # Panics
    /// A kept input cannot be read.
    #[must_use]
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let mut inputs = (self.seeds)();
        let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name);
        if let Ok(folder) = std::fs::read_dir(kept) {
            inputs.extend(folder.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()));
        }
        inputs
    }
}
