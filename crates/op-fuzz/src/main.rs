//! Runs a target under libFuzzer. `OPWIRE_FUZZ_TARGET` names the target, and `OPWIRE_FUZZ_SEEDS` the folder to write
//! its seeds to. `ci/fuzz` builds and runs this program.
#![no_main]

use std::{env, fs, path::PathBuf, sync::OnceLock};

use libfuzzer_sys::fuzz_target;
use op_fuzz::{TARGETS, Target};

static TARGET: OnceLock<&'static Target> = OnceLock::new();

fuzz_target!(
    init: {
        let target = TARGET.get_or_init(chosen_target);
        if let Some(folder) = env::var_os("OPWIRE_FUZZ_SEEDS").map(PathBuf::from) {
            for (number, seed) in target.corpus().iter().enumerate() {
                fs::write(folder.join(format!("seed-{number:03}")), seed).expect("the folder can be written");
            }
        }
    },
    |input: &[u8]| (TARGET.get_or_init(chosen_target).run)(input)
);

fn chosen_target() -> &'static Target {
    let name = env::var("OPWIRE_FUZZ_TARGET").unwrap_or_default();
    op_fuzz::find(&name).unwrap_or_else(|| {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("unknown target `{name}`: set OPWIRE_FUZZ_TARGET to one of {}", names.join(", "));
        std::process::exit(2)
    })
}
