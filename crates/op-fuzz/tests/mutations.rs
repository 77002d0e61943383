//! Runs every target over its seeds, and over seeds with a few edits.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

use op_fuzz::TARGETS;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestError, TestRunner},
};

/// Texts that decoders often handle wrongly.
const PIECES: [&[u8]; 16] = [
    b"null",
    b"{}",
    b"[]",
    b"\"\"",
    b"-1",
    b"4294967296",
    b"18446744073709551616",
    b"1e999",
    b"\"\\u0000\"",
    b"\"\\ud800\"",
    b"\xff\xfe",
    b"\r\n",
    b"\0",
    b"=",
    "\u{130}\u{df}\u{1f4a1}".as_bytes(),
    b"[[[[[[[[",
];

/// One edit of an input.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Join(Index, Vec<u8>, Index),
}

impl Edit {
    fn apply(self, mut input: Vec<u8>) -> Vec<u8> {
        let length = input.len();
        let from = |at: Index, span: usize| {
            let start = at.index(length + 1);
            start..length.min(start + span)
        };
        match self {
            Self::Set(at, byte) if length > 0 => input[at.index(length)] = byte,
            Self::Flip(at, bit) if length > 0 => input[at.index(length)] ^= 1 << (bit % 8),
            Self::Set(..) | Self::Flip(..) => {}
            Self::Insert(at, piece) => {
                input.splice(from(at, 0), piece);
            }
            Self::Remove(at, span) => {
                input.drain(from(at, span));
            }
            Self::Repeat(at, span) => {
                let piece = input[from(at, span)].to_vec();
                input.splice(from(at, 0), piece);
            }
            Self::Join(at, other, from_there) => {
                input.truncate(at.index(length + 1));
                input.extend(&other[from_there.index(other.len() + 1)..]);
            }
        }
        input
    }
}

fn edits(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let piece = prop_oneof![select(&PIECES[..]).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 1..8)];
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), any::<u8>()).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (at(), piece).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (at(), 1..40_usize).prop_map(|(at, span)| Edit::Remove(at, span)),
        (at(), 1..40_usize).prop_map(|(at, span)| Edit::Repeat(at, span)),
        (at(), select(seeds), at()).prop_map(|(at, other, there)| Edit::Join(at, other, there)),
    ]
}

fn inputs(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> {
    let edited = (select(seeds.to_vec()), vec(edits(seeds.to_vec()), 1..5))
        .prop_map(|(seed, edits)| edits.into_iter().fold(seed, |input, edit| edit.apply(input)));
    prop_oneof![9 => edited, 1 => vec(any::<u8>(), 0..64)]
}

#[test]
fn no_input_breaks_a_promise() {
    let mut executions = 0;
    for target in TARGETS {
        let corpus = target.corpus();
        assert!(!corpus.is_empty(), "{} has no seeds", target.name);
        for input in &corpus {
            (target.run)(input);
        }
        let config = Config { cases: target.test_cases, failure_persistence: None, ..Config::default() };
        let result = TestRunner::new(config).run(&inputs(&corpus), |input| {
            (target.run)(&input);
            Ok(())
        });
        match result {
            Ok(()) => executions += corpus.len() + target.test_cases as usize,
            Err(TestError::Fail(reason, input)) => {
                panic!("{}: {reason}\ninput: \"{}\"", target.name, input.escape_ascii());
            }
            Err(TestError::Abort(reason)) => panic!("{}: {reason}", target.name),
        }
    }
    println!("{} targets, {executions} executions", TARGETS.len());
}
