//! Resolving the variables of an `.env` text. docs/decisions/0035 and 0060 say why it is read strictly.

mod mask;
mod parse;
mod template;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) use mask::mask;
#[cfg(feature = "contract")]
pub(crate) use parse::VARIABLE_NAME_PATTERN;
pub use parse::is_variable_name;
use parse::{Definition, Piece, Problem};
pub use template::{TemplatePart, split_template};
use zeroize::Zeroizing;

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    references::{self, look_up::Call},
    types::{ResolveEnvResponse, ResolveReferenceError, ResolvedReference},
};

/// How many problems of a text an error lists.
const MAX_PROBLEMS: usize = 20;
const REFERENCE_START: &str = "op://";

/// Resolves an `.env` text, which may use the variables in `known` without defining them.
pub(crate) async fn resolve_text(
    client: &Client,
    text: &str,
    known: &BTreeMap<String, String>,
) -> Result<ResolveEnvResponse> {
    let variables = parse::parse(text).and_then(|definitions| evaluate(definitions, known)).map_err(|p| refuse(&p))?;
    resolve(client, variables).await
}

/// Resolves references that have names.
pub(crate) async fn resolve_named(
    client: &Client,
    references: &BTreeMap<String, String>,
) -> Result<ResolveEnvResponse> {
    let variable = |(name, text): (&String, &String)| (name.clone(), Value::Reference(text.clone().into()));
    resolve(client, references.iter().map(variable).collect()).await
}

/// Returns the variables of an `.env` text in their order, without resolving references.
///
/// # Errors
/// The text does not follow the grammar. The error names every invalid line, and quotes none.
pub fn read_variables(text: &str) -> Result<Vec<(String, Zeroizing<String>)>> {
    let definitions = parse::parse(text).map_err(|problems| refuse(&problems))?;
    let mut variables: Vec<(String, Text)> = Vec::new();
    let mut problems = Vec::new();
    for Definition { name, line, value } in definitions {
        if variables.iter().any(|(known, _)| *known == name) {
            problems.push(Problem { line, reason: format!("`{name}` is defined above already") });
            continue;
        }
        let mut text = Text::default();
        for piece in &value {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Variable { name, default } => {
                    let above = variables.iter().find(|(known, _)| known == name).map(|(_, text)| text);
                    match (above.filter(|above| default.is_none() || !above.is_empty()), default) {
                        (Some(above), _) => text.push_str(above),
                        (None, Some(default)) => text.push_str(default),
                        (None, None) => problems.push(Problem { line, reason: undefined(name) }),
                    }
                }
            }
        }
        variables.push((name, text));
    }
    if problems.is_empty() { Ok(variables) } else { Err(refuse(&problems)) }
}

fn undefined(name: &str) -> String {
    format!("`{name}` is not defined above; give it a default as in ${{{name}:-default}}")
}

fn refuse(problems: &[Problem]) -> Error {
    let listed = problems.iter().take(MAX_PROBLEMS).map(|problem| format!("line {}: {}", problem.line, problem.reason));
    let mut text = listed.collect::<Vec<_>>().join("; ");
    if let Some(more) = problems.len().checked_sub(MAX_PROBLEMS).filter(|more| *more > 0) {
        text = format!("{text}; and {more} more");
    }
    Error::new(ErrorKind::InvalidConfiguration, text).with_field("env")
}

type Text = Zeroizing<String>;

/// A value before its references are resolved.
#[derive(Clone)]
enum Value {
    Plain(Text),
    Reference(Text),
    /// A value with references in it.
    Mixed(Vec<Part>),
}

#[derive(Clone)]
enum Part {
    Text(Text),
    Reference(Text),
}

/// Replaces the names of variables in values by the variables' values.
fn evaluate(
    definitions: Vec<Definition>,
    known: &BTreeMap<String, String>,
) -> std::result::Result<Vec<(String, Value)>, Vec<Problem>> {
    let mut values: Vec<(String, Value)> = Vec::new();
    let mut places: HashMap<String, (usize, usize)> = HashMap::new();
    let mut problems = Vec::new();
    for Definition { name, line, value } in definitions {
        let lookup = |name: &str| match places.get(name) {
            Some((at, _)) => values.get(*at).map(|(_, value)| value.clone()),
            None => known.get(name).map(|text| value_of(vec![Part::Text(text.clone().into())])),
        };
        let result = match places.get(&name) {
            Some((_, first)) => Err(format!("`{name}` is defined in line {first} already")),
            None => parts(&value, lookup),
        };
        match result {
            Ok(parts) => {
                places.insert(name.clone(), (values.len(), line));
                values.push((name, value_of(parts)));
            }
            Err(reason) => problems.push(Problem { line, reason }),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn parts(pieces: &[Piece], lookup: impl Fn(&str) -> Option<Value>) -> std::result::Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text.clone())),
            Piece::Variable { name, default } => match (lookup(name), default) {
                (Some(Value::Plain(text)), Some(default)) if text.is_empty() => parts.push(Part::Text(default.clone())),
                (Some(Value::Plain(text)), _) => parts.push(Part::Text(text)),
                (Some(Value::Reference(reference)), _) => parts.push(Part::Reference(reference)),
                (Some(Value::Mixed(mixed)), _) => parts.extend(mixed),
                (None, Some(default)) => parts.push(Part::Text(default.clone())),
                (None, None) => return Err(undefined(name)),
            },
        }
    }
    let parts = with_references(parts)?;
    let starts_reference = matches!(parts.first(), Some(Part::Text(text)) if text.starts_with(REFERENCE_START));
    if starts_reference && parts.iter().any(|part| matches!(part, Part::Reference(_))) {
        return Err("a reference cannot be made of a secret".to_owned());
    }
    let holds_bare = |part: &Part| matches!(part, Part::Text(text) if text.contains(REFERENCE_START));
    if !starts_reference && parts.iter().any(holds_bare) {
        return Err("a reference within a value: write it as {{ op://vault/item/field }}".to_owned());
    }
    Ok(parts)
}

/// Finds the references between braces in the parts' texts. A reference may contain variables, which are replaced
/// already.
fn with_references(parts: Vec<Part>) -> std::result::Result<Vec<Part>, String> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => joined.push(part),
        }
    }
    let mut split = Vec::new();
    for part in joined {
        let Part::Text(text) = &part else {
            split.push(part);
            continue;
        };
        let pieces = split_template(text).map_err(|_| "a reference has no closing }}".to_owned())?;
        split.extend(pieces.into_iter().map(|piece| match piece {
            TemplatePart::Text(text) => Part::Text(text.to_owned().into()),
            TemplatePart::Reference(reference) => Part::Reference(reference.to_owned().into()),
        }));
    }
    Ok(split)
}

fn value_of(parts: Vec<Part>) -> Value {
    let texts: Option<Vec<&str>> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Reference(_) => None,
        })
        .collect();
    match (texts, parts.as_slice()) {
        (Some(texts), _) => {
            let text = Text::new(texts.concat());
            if text.starts_with(REFERENCE_START) { Value::Reference(text) } else { Value::Plain(text) }
        }
        (None, [Part::Reference(reference)]) => Value::Reference(reference.clone()),
        (None, _) => Value::Mixed(parts),
    }
}

type Resolved = HashMap<String, std::result::Result<ResolvedReference, ResolveReferenceError>>;

async fn resolve(client: &Client, variables: Vec<(String, Value)>) -> Result<ResolveEnvResponse> {
    let mut references = BTreeSet::new();
    for (_, value) in &variables {
        match value {
            Value::Plain(_) => {}
            Value::Reference(reference) => drop(references.insert(reference.to_string())),
            Value::Mixed(parts) => references.extend(parts.iter().filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Reference(reference) => Some(reference.to_string()),
            })),
        }
    }
    let references: Vec<String> = references.into_iter().collect();
    let resolved = references::resolve::resolve_all(client, &references, Call::Batch).await?;
    let mut answer = ResolveEnvResponse::default();
    for (name, value) in variables {
        match text_of(&value, &resolved) {
            Ok(text) => drop(answer.variables.insert(name, text)),
            Err(error) => drop(answer.errors.insert(name, error)),
        }
    }
    let secrets: BTreeSet<&str> = resolved.values().flatten().map(|found| found.secret.as_str()).collect();
    answer.secrets = secrets.into_iter().filter(|secret| !secret.is_empty()).map(str::to_owned).collect();
    Ok(answer)
}

fn text_of(value: &Value, resolved: &Resolved) -> std::result::Result<String, ResolveReferenceError> {
    let secret = |reference: &Text| match resolved.get(reference.as_str()) {
        Some(Ok(found)) => Ok(found.secret.as_str()),
        Some(Err(error)) => Err(error.clone()),
        // Cannot happen: the resolver returns a result for every reference that it is given.
        None => Err(ResolveReferenceError::Other),
    };
    match value {
        Value::Plain(text) => Ok(text.to_string()),
        Value::Reference(reference) => secret(reference).map(str::to_owned),
        Value::Mixed(parts) => {
            let texts = parts.iter().map(|part| match part {
                Part::Text(text) => Ok(text.as_str()),
                Part::Reference(reference) => secret(reference),
            });
            texts.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<Vec<(String, Value)>> {
        let known = BTreeMap::from([("STAGE".to_owned(), "dev".to_owned()), ("EMPTY".to_owned(), String::new())]);
        parse::parse(text).and_then(|definitions| evaluate(definitions, &known)).map_err(|problems| refuse(&problems))
    }

    fn evaluated(text: &str) -> Vec<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Reference(reference) => format!("<{}>", reference.as_str()),
        };
        let values = values(text).unwrap_or_default();
        let lines = values.iter().map(|(name, value)| match value {
            Value::Plain(text) => format!("{name}={}", text.as_str()),
            Value::Reference(reference) => format!("{name}=<{}>", reference.as_str()),
            Value::Mixed(parts) => format!("{name}={}", parts.iter().map(part).collect::<String>()),
        });
        lines.collect()
    }

    #[test]
    fn variables_have_the_values_defined_above_or_passed_in() {
        assert_eq!(
            evaluated(
                "A=op://${STAGE}/db/password\nB=\"pg://u:${A}@h/${EMPTY:-x}\"\nC=${B}!\nD=${NONE:-op://v/i/f}\nE=${A}"
            ),
            [
                "A=<op://dev/db/password>",
                "B=pg://u:<op://dev/db/password>@h/x",
                "C=pg://u:<op://dev/db/password>@h/x!",
                "D=<op://v/i/f>",
                "E=<op://dev/db/password>",
            ]
        );
    }

    #[test]
    fn a_reference_within_a_value_is_in_braces() {
        assert_eq!(
            evaluated("A=pg://u:{{ op://${STAGE}/i/f }}@h\nB='{{op://v/i/g}}'\nC=\"{{ other }}\"\nD="),
            ["A=pg://u:<op://dev/i/f>@h", "B=<op://v/i/g>", "C={{ other }}", "D="]
        );
        for text in ["A=pg://u:op://v/i/f@h", "A='x op://v/i/f'", "A=x${B:-op://v/i/f}", "A={{ op://v/i/f"] {
            let refused = values(&format!("X=1\n{text}\n")).err().map(|error| error.message().to_owned());
            assert!(refused.is_some_and(|message| message.contains("line 2: a reference")), "{text}");
        }
    }

    #[test]
    fn variables_are_read_without_their_secrets() {
        let read = |text: &str| {
            let variables = read_variables(text).map_err(|error| error.message().to_owned());
            variables.map(|all| all.into_iter().map(|(name, value)| format!("{name}={}", *value)).collect::<Vec<_>>())
        };
        assert_eq!(
            read("A=op://v/i/f\nB='x{{op://v/i/g}}'\nC=${A}/${NONE:-d}"),
            Ok(vec!["A=op://v/i/f".to_owned(), "B=x{{op://v/i/g}}".to_owned(), "C=op://v/i/f/d".to_owned()])
        );
        assert!(read("A=1\nA=2\nB=${C}").is_err_and(|text| text.contains("line 2") && text.contains("line 3")));
    }

    #[test]
    fn invalid_definitions_are_refused_with_all_lines() {
        let error = values("A=1\nB=${LATER}\nA=2\nC=op://v/i/f\nD=op://v/${C}/f\nLATER=1\n").err();
        let message = error.map(|error| error.message().to_owned()).unwrap_or_default();
        for part in ["line 2: `LATER` is not defined above", "line 3: `A` is defined in line 1", "line 5: a reference"]
        {
            assert!(message.contains(part), "{message}");
        }
        let many = "?\n".repeat(30);
        assert!(values(&many).is_err_and(|error| error.message().ends_with("; and 10 more")));
    }
}
