use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer {
    list_of_all: Vec<Inner>,
    #[serde(default)]
    number: u32,
    text: Option<String>,
    #[serde(rename = "map")]
    by_name: BTreeMap<String, Unit>,
    #[serde(default = "seven")]
    seven: i8,
    pair: (bool, i64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content", rename_all = "camelCase")]
enum Inner {
    Nothing,
    Text(String),
    Maybe(Option<Wrapped>),
    Flags { first: bool, second: Option<bool> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wrapped(u64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Unit {
    One,
    Two(String),
    Three { a: u8 },
}

fn seven() -> i8 {
    7
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, (String, String)> {
    decode(value.to_string().as_bytes()).map_err(|error| (error.path().to_owned(), error.to_string()))
}

fn error_of(value: Value) -> (String, String) {
    read::<Outer>(value).unwrap_err()
}

#[test]
fn members_that_are_missing_are_named_unless_they_have_a_default() {
    let least = json!({"listOfAll": [], "map": {}, "pair": [true, -1]});
    let Outer { number, text, seven, pair, .. } = read(least.clone()).unwrap();
    assert_eq!((number, text, seven, pair), (0, None, 7, (true, -1)));
    for member in ["listOfAll", "map", "pair"] {
        let mut less = least.clone();
        less.as_object_mut().unwrap().remove(member);
        assert_eq!(error_of(less), (member.to_owned(), format!("missing field `{member}`")));
    }
    let flags = json!({"listOfAll": [{"type": "nothing"}, {"type": "flags", "content": {}}], "map": {}});
    assert_eq!(error_of(flags), ("listOfAll[1].content.first".into(), "missing field `first`".into()));
    let untyped = json!({"listOfAll": [{"content": {}}], "map": {}});
    assert_eq!(error_of(untyped), ("listOfAll[0].type".into(), "missing field `type`".into()));
}

#[test]
fn null_is_an_empty_list_and_an_empty_map() {
    let Outer { list_of_all, by_name, .. } = read(json!({"listOfAll": null, "map": null, "pair": [true, 1]})).unwrap();
    assert_eq!((list_of_all, by_name), (Vec::new(), BTreeMap::new()));
    let of_nothing = json!({"listOfAll": [], "map": {}, "pair": null});
    assert_eq!(error_of(of_nothing).0, "pair", "two values are no list");
}

#[test]
fn errors_give_the_place_and_the_kind_but_not_the_value() {
    for (value, path, reason) in [
        (json!("hush"), "", "invalid type: string, expected struct Outer"),
        (json!([1]), "", "invalid type: sequence, expected struct Outer"),
        (json!({"listOfAll": 1}), "listOfAll", "invalid type: integer, expected a sequence"),
        (json!({"listOfAll": null, "number": null}), "number", "invalid type: null, expected u32"),
        (
            json!({"listOfAll": [{"type": "hush"}]}),
            "listOfAll[0].type",
            "unknown variant, expected one of `nothing`, `text`, `maybe`, `flags`",
        ),
        (
            json!({"listOfAll": [{"type": "text", "content": ["hush"]}]}),
            "listOfAll[0].content",
            "invalid type: sequence, expected a string",
        ),
        (json!({"listOfAll": [], "number": -1}), "number", "invalid value: integer, expected u32"),
        (json!({"listOfAll": [], "number": 1.5}), "number", "invalid type: floating point, expected u32"),
        (json!({"listOfAll": [], "number": "5"}), "number", "invalid type: string, expected u32"),
        (
            json!({"listOfAll": [], "map": {"a": {"Three": {"a": "hush"}}}}),
            "map.a.a",
            "invalid type: string, expected u8",
        ),
    ] {
        let reason = if path.is_empty() { reason.to_owned() } else { format!("`{path}`: {reason}") };
        assert_eq!(error_of(value), (path.to_owned(), reason));
    }
}

#[test]
fn malformed_json_is_refused_and_not_quoted() {
    let error = decode::<Outer>(b"{\"text\": hush").unwrap_err();
    assert_eq!((error.path(), error.to_string().as_str()), ("", "expected value at line 1 column 10"));
}

#[test]
fn positions_count_lines() {
    assert_eq!(position(b""), (1, 0));
    assert_eq!(position(b"{\n \"invocation\": null }"), (2, 21));
}

fn inner() -> impl Strategy<Value = Inner> {
    prop_oneof![
        Just(Inner::Nothing),
        ".{0,4}".prop_map(Inner::Text),
        any::<Option<u64>>().prop_map(|number| Inner::Maybe(number.map(Wrapped))),
        any::<(bool, Option<bool>)>().prop_map(|(first, second)| Inner::Flags { first, second }),
    ]
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::One), ".{0,4}".prop_map(Unit::Two), any::<u8>().prop_map(|a| Unit::Three { a })]
}

proptest! {
    #[test]
    fn written_values_are_read_back(
        list_of_all in prop::collection::vec(inner(), 0..4),
        by_name in prop::collection::btree_map(".{0,3}", unit(), 0..4),
        (number, text, seven, pair) in any::<(u32, Option<String>, i8, (bool, i64))>(),
    ) {
        let outer = Outer { list_of_all, number, text, by_name, seven, pair };
        prop_assert_eq!(decode::<Outer>(&serde_json::to_vec(&outer).unwrap()), Ok(outer));
    }
}
