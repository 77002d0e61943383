//! The texts of closed sets: those that other servers and stored rows have.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fmt::Debug;

use op_protocol::{
    json,
    rest::{AccessorType, AccountState, AccountType, GroupState, GroupType, ItemState, UserState, UserType, VaultType},
    set::{Open, UnknownValue},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{from_str, to_string};

/// Checks that these are the values of a set and their texts, in both directions, in JSON and in rows, and that a text
/// of none of them is refused by the set, and kept by an open member.
fn check<T>(all: &[T], texts: &[&str])
where
    T: Copy + Debug + PartialEq + AsRef<str> + Serialize + DeserializeOwned,
    T: std::str::FromStr<Err = UnknownValue> + TryFrom<String, Error = UnknownValue>,
{
    assert_eq!(all.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), texts);
    for (value, text) in all.iter().zip(texts) {
        let json = format!("\"{text}\"");
        assert_eq!(to_string(value).unwrap(), json);
        assert_eq!(to_string(&Open::from(*value)).unwrap(), json);
        assert_eq!(from_str::<T>(&json).unwrap(), *value);
        assert_eq!(json::decode::<T>(json.as_bytes()), Ok(*value));
        assert_eq!(json::decode::<Open<T>>(json.as_bytes()).unwrap(), *value);
        assert_eq!(T::try_from((*text).to_owned()), Ok(*value));
    }
    for other in ["", "Z", "u", "User", "user ", "é"].into_iter().filter(|other| !texts.contains(other)) {
        let json = format!("\"{other}\"");
        let refused = T::try_from(other.to_owned()).unwrap_err().to_string();
        assert_eq!(refused, format!("`{other}` is not one of `{}`", texts.join("`, `")));
        assert!(from_str::<T>(&json).unwrap_err().to_string().starts_with(&format!("unknown variant `{other}`")));
        let refused = json::decode::<T>(json.as_bytes()).unwrap_err().to_string();
        assert_eq!(refused, format!("unknown variant, expected one of `{}`", texts.join("`, `")));
        let kept = json::decode::<Open<T>>(json.as_bytes()).unwrap();
        assert_eq!((kept.known(), to_string(&kept).unwrap()), (None, json));
    }
}

#[test]
fn each_value_has_its_text() {
    check(AccessorType::ALL, &["user", "group"]);
    check(VaultType::ALL, &["P", "E", "T", "U", "D"]);
    check(GroupType::ALL, &["O", "A", "R", "M", "U", "E"]);
    check(GroupState::ALL, &["A", "D"]);
    check(UserState::ALL, &["A", "P", "S", "D"]);
    check(UserType::ALL, &["R", "S"]);
    check(AccountType::ALL, &["B"]);
    check(AccountState::ALL, &["A"]);
}

#[test]
fn an_item_without_a_known_state_is_active() {
    let read = |json: &str| json::decode::<ItemState>(json.as_bytes()).unwrap();
    for (state, text) in [(ItemState::Active, "N"), (ItemState::Archived, "Y"), (ItemState::Deleted, "D")] {
        let json = format!("\"{text}\"");
        assert_eq!((to_string(&state).unwrap(), read(&json), ItemState::from(text)), (json, state, state));
    }
    for json in ["null", "\"\"", "\"Z\""] {
        assert_eq!(read(json), ItemState::Active, "{json}");
    }
}
