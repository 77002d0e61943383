//! What an answer of the server need not have may be missing or null, and every method still works; what it must have is
//! named when it is missing. Each route that a method asks, and each member of its answer, has a row in
//! `tests/data/answers.json`.

mod lists;
mod scenarios;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use op_core::{Client, Error};
use op_testkit::Answers;
use scenarios::{Calls, Place, SCENARIOS};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The members of a route's answers, as paths: `[]` is each element of a list. Texts hold several, with blanks between.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    route: String,
    /// What the client cannot do without.
    required: Paths,
    /// What it says without a required member, where that is not the decoder's `missing field`.
    #[serde(default)]
    told: BTreeMap<String, String>,
    #[serde(default)]
    optional: Paths,
    /// Optional, and callers see it.
    #[serde(default)]
    shown: Paths,
    /// Optional, and calls take another way without it, so there is a test of its own.
    #[serde(default)]
    apart: Paths,
    /// Whose members are not this table's concern.
    #[serde(default)]
    whole: Paths,
}

#[derive(Default, Deserialize)]
#[serde(from = "Vec<String>")]
struct Paths(BTreeSet<String>);

impl From<Vec<String>> for Paths {
    fn from(lines: Vec<String>) -> Self {
        Self(lines.iter().flat_map(|line| line.split(' ')).map(str::to_owned).collect())
    }
}

impl Row {
    fn names(&self, path: &String) -> bool {
        [&self.required, &self.optional, &self.shown, &self.apart].iter().any(|paths| paths.0.contains(path))
    }
}

fn table() -> Vec<Row> {
    serde_json::from_str(include_str!("../../data/answers.json")).unwrap()
}

/// A route without its ids, numbers and query.
fn pattern(line: &str) -> String {
    let path = line.split('?').next().unwrap();
    let part = |part: &str| {
        let is_id =
            op_protocol::id::is_id(part) || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if is_id { "*".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The groups of every vault, as the object that official servers send: ours sends the array of its members.
fn as_object(pattern: &str, answer: &mut Value) {
    if pattern.ends_with("/preflight/create")
        && let Value::Array(members) = answer
    {
        let names = ["mandatoryGroupUuids", "adminGroupUuids", "unknown", "iconSet"].map(str::to_owned);
        *answer = Value::Object(names.into_iter().zip(std::mem::take(members)).collect());
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Missing,
    Null,
}

fn change(value: &mut Value, path: &[&str], how: How) {
    match (path, value) {
        (["[]", rest @ ..], Value::Array(elements)) => elements.iter_mut().for_each(|each| change(each, rest, how)),
        ([last], Value::Object(members)) => match how {
            How::Missing => drop(members.remove(*last)),
            How::Null => drop(members.insert((*last).to_owned(), Value::Null)),
        },
        ([first, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(*first) {
                change(member, rest, how);
            }
        }
        _ => {}
    }
}

fn steps(path: &str) -> Vec<&str> {
    path.split('.').filter(|step| !step.is_empty()).collect()
}

/// The paths of all members.
fn members(value: &Value, path: &str, whole: &BTreeSet<String>, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(elements) => {
            elements.iter().for_each(|each| members(each, &format!("{path}[]."), whole, found));
        }
        // An envelope is one thing.
        Value::Object(object) if object.contains_key("cty") => {}
        Value::Object(object) => {
            for (name, member) in object {
                let path = format!("{path}{name}");
                found.insert(path.clone());
                if !whole.contains(&path) {
                    members(member, &format!("{path}."), whole, found);
                }
            }
        }
        _ => {}
    }
}

struct Outcome {
    results: Vec<(&'static str, Value)>,
    failure: Option<Error>,
}

/// Runs a scenario by a new client whose answers go through `edit`, with the pattern of what they answer.
async fn run(place: &Place, scenario: usize, edit: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Outcome {
    let host = Answers::edited(move |line, answer| {
        let pattern = pattern(line);
        as_object(&pattern, answer);
        edit(&pattern, answer);
    });
    let client = match place.account.owner_signs_in_on(host).await {
        Ok(client) => client,
        Err(error) => return Outcome { results: Vec::new(), failure: Some(error) },
    };
    let mut calls = Calls { place, client: &client, results: Vec::new() };
    let failure = SCENARIOS[scenario](&mut calls).await.err();
    Outcome { results: calls.results, failure }
}

/// What does not change from one run to the next.
fn lasting(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() == 26 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            "an id".into()
        }
        Value::String(text) if text.starts_with("op://") => "a reference".into(),
        Value::String(text) if text.contains("/s#") => "a link".into(),
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.into_iter().map(lasting).collect();
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(members) => {
            let lasts = |name: &str| !name.ends_with("ersion") && !name.ends_with("At") && name != "activeItemCount";
            let name = |name: String| if op_protocol::id::is_id(&name) { "an id".to_owned() } else { name };
            let members = members.into_iter().filter(|(name, _)| lasts(name));
            Value::Object(members.map(|(key, member)| (name(key), lasting(member))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

type Seen = BTreeMap<String, BTreeSet<String>>;

/// The routes of each scenario, with the members of their answers; and what the calls give.
async fn as_it_is(place: &Place, rows: &[Row]) -> Vec<(Seen, Vec<(&'static str, Value)>)> {
    let mut scenarios = Vec::new();
    for scenario in 0..SCENARIOS.len() {
        let seen: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let log = seen.clone();
        let outcome =
            run(place, scenario, move |route, answer| log.lock().unwrap().push((route.to_owned(), answer.clone())))
                .await;
        assert!(outcome.failure.is_none(), "scenario {scenario}: {:?}", outcome.failure);
        let mut routes = Seen::new();
        for (route, answer) in &*seen.lock().unwrap() {
            let nothing = BTreeSet::new();
            let whole = rows.iter().find(|row| row.route == *route).map_or(&nothing, |row| &row.whole.0);
            members(answer, "", whole, routes.entry(route.clone()).or_default());
        }
        // Answers of mere success are all alike.
        let success = BTreeSet::from(["success".to_owned()]);
        routes.retain(|route, members| *members != success || rows.iter().any(|row| row.route == *route));
        scenarios.push((routes, outcome.results));
    }
    scenarios
}

#[tokio::test]
async fn every_route_member_and_method_is_in_the_table() {
    let rows = table();
    let scenarios = as_it_is(&Place::new().await, &rows).await;

    let contract = include_str!("../../../../../packages/contract/contract.json");
    let contract: Value = serde_json::from_str(contract).unwrap();
    let methods = contract["methods"].as_array().unwrap().iter().filter(|method| method["offline"] == false);
    let called: BTreeSet<_> = scenarios.iter().flat_map(|(_, results)| results).map(|(name, _)| *name).collect();
    let names = methods.map(|method| method["name"].as_str().unwrap());
    let uncalled: Vec<_> = names.filter(|name| !called.contains(name)).collect();
    assert!(uncalled.is_empty(), "no scenario calls {uncalled:?}");

    let mut missing = BTreeMap::new();
    for (route, members) in scenarios.iter().flat_map(|(routes, _)| routes) {
        let Some(row) = rows.iter().find(|row| row.route == *route) else {
            missing.insert(route, members.clone());
            continue;
        };
        let unknown: BTreeSet<_> = members.iter().filter(|path| !row.names(path)).cloned().collect();
        if !unknown.is_empty() {
            missing.insert(route, unknown);
        }
    }
    assert!(missing.is_empty(), "not in data/answers.json: {missing:#?}");
    for row in &rows {
        let asked = scenarios.iter().any(|(routes, _)| routes.contains_key(&row.route));
        assert!(asked, "no method asks {}", row.route);
    }
}

/// The optional members of all rows, and of those that callers see as well.
fn optional(rows: &[Row], with_shown: bool) -> Vec<(String, String)> {
    let paths = |row: &Row| row.optional.0.iter().chain(row.shown.0.iter().filter(|_| with_shown)).cloned().collect();
    rows.iter().flat_map(|row| Vec::<String>::into_iter(paths(row)).map(|path| (row.route.clone(), path))).collect()
}

#[tokio::test]
async fn what_need_not_be_there_may_be_missing_or_null() {
    let (place, rows) = (Place::new().await, table());
    let scenarios = as_it_is(&place, &rows).await;
    for (scenario, (_, before)) in scenarios.iter().enumerate() {
        for (how, with_shown) in [(How::Missing, false), (How::Null, false), (How::Missing, true), (How::Null, true)] {
            let optional = optional(&rows, with_shown);
            let edit = move |asked: &str, answer: &mut Value| {
                for (_, path) in optional.iter().filter(|(route, _)| route == asked) {
                    change(answer, &steps(path), how);
                }
            };
            let outcome = run(&place, scenario, edit).await;
            assert!(outcome.failure.is_none(), "scenario {scenario}, {how:?}: {:?}", outcome.failure);
            for ((name, result), (_, expected)) in outcome.results.into_iter().zip(before) {
                if !with_shown {
                    assert_eq!(lasting(result), lasting(expected.clone()), "{how:?}: {name}");
                }
            }
        }
    }
}

/// A client that leaves one member out of answers, and which.
struct Strict {
    client: Client,
    left_out: Arc<Mutex<Option<(String, String)>>>,
}

impl Strict {
    async fn new(place: &Place, left_out: Option<(String, String)>) -> Result<Self, Error> {
        let left_out = Arc::new(Mutex::new(left_out));
        let shared = left_out.clone();
        let host = Answers::edited(move |line, answer| {
            let pattern = pattern(line);
            as_object(&pattern, answer);
            match &*shared.lock().unwrap() {
                Some((route, path)) if *route == pattern => change(answer, &steps(path), How::Missing),
                _ => {}
            }
        });
        Ok(Self { client: place.account.owner_signs_in_on(host).await?, left_out })
    }

    /// Why a scenario stops without that member.
    async fn failure(&self, place: &Place, scenario: usize, left_out: (String, String)) -> Option<Error> {
        *self.left_out.lock().unwrap() = Some(left_out);
        let mut calls = Calls { place, client: &self.client, results: Vec::new() };
        let failure = SCENARIOS[scenario](&mut calls).await.err();
        *self.left_out.lock().unwrap() = None;
        failure
    }
}

#[tokio::test]
async fn what_has_to_be_there_is_named_when_it_is_missing() {
    let (place, rows) = (Place::new().await, table());
    let scenarios = as_it_is(&place, &rows).await;
    let lasting = Strict::new(&place, None).await.unwrap();
    let mut untold = Vec::new();
    for row in &rows {
        for path in &row.required.0 {
            let words = || format!("missing field `{}`", path.rsplit('.').next().unwrap());
            let expected = row.told.get(path).cloned().unwrap_or_else(words);
            let left_out = (row.route.clone(), path.clone());
            let mut told = Vec::new();
            for (scenario, (routes, _)) in scenarios.iter().enumerate() {
                if !routes.contains_key(&row.route) || told.iter().any(|told: &String| told.contains(&expected)) {
                    continue;
                }
                // What a client asks only once is asked by a new one.
                let failure = if row.route.contains("/auth") || row.route.ends_with("/keysets") {
                    match Strict::new(&place, Some(left_out.clone())).await {
                        Ok(new) => new.failure(&place, scenario, left_out.clone()).await,
                        Err(error) => Some(error),
                    }
                } else {
                    lasting.failure(&place, scenario, left_out.clone()).await
                };
                told.extend(failure.map(|error| error.message().to_owned()));
            }
            if !told.iter().any(|told| told.contains(&expected)) {
                untold.push(format!("{} without {path}: {told:?}, expected {expected}", row.route));
            }
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
}
