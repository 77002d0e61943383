//! The targets under libFuzzer: `OPWIRE_FUZZ_TARGET` names one, into the folder `OPWIRE_FUZZ_SEEDS` go its seeds.
//! `ci/fuzz` builds and runs this.
#![no_main]

use std::{env, fs, path::PathBuf, sync::OnceLock};

use libfuzzer_sys::fuzz_target;
use op_fuzz::{TARGETS, Target};

static TARGET: OnceLock<&'static Target> = OnceLock::new();

fuzz_target!(
    init: {
        let target = TARGET.get_or_init(chosen);
        if let Some(folder) = env::var_os("OPWIRE_FUZZ_SEEDS").map(PathBuf::from) {
            for (number, seed) in target.corpus().iter().enumerate() {
                fs::write(folder.join(format!("seed-{number:03}")), seed).expect("the folder can be written");
            }
        }
    },
    |input: &[u8]| (TARGET.get_or_init(chosen).run)(input)
);

fn chosen() -> &'static Target {
    let name = env::var("OPWIRE_FUZZ_TARGET").unwrap_or_default();
    op_fuzz::find(&name).unwrap_or_else(|| {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("OPWIRE_FUZZ_TARGET is `{name}`; the targets are {}", names.join(", "));
        std::process::exit(2)
    })
}
