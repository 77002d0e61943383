//! Explaining what a secret reference matches, step by step, and how to write it with ids.
//!
//! The rules are those of the resolver. The cache is not used, because an explanation has to show the current state.

use op_protocol::{
    id::{ItemId, VaultId},
    item::{Details, Section},
};

use crate::{
    client::Client,
    error::{Error, Result},
    items,
    plaintext::fields::{self, Candidate, Opened, Query},
    references::{
        look_up, matching, near,
        parse::{ReferenceError, SecretReference},
    },
    types::{
        ItemOverview, ReferenceCandidate, ReferenceExplanation, ReferencePart, ReferenceStep, ResolveReferenceError,
    },
};

/// How many near misses a step lists.
const MAX_NEAR: usize = 10;

pub(crate) async fn explain(client: &Client, text: &str) -> Result<ReferenceExplanation> {
    let (names, malformed) = Names::of(text)?;
    let mut answer = ReferenceExplanation { problem: malformed, ..ReferenceExplanation::default() };
    let failure = steps(client, &names, &mut answer).await?;
    if answer.problem.is_none() {
        answer.problem = failure.map(|failure| failure.to_string());
    }
    Ok(answer)
}

/// Adds the steps, and the reference by ids. Returns the resolver's error.
async fn steps(
    client: &Client,
    names: &Names<'_>,
    answer: &mut ReferenceExplanation,
) -> Result<Option<ResolveReferenceError>> {
    use ResolveReferenceError::{ItemNotFound, NoMatchingSections, TooManyItems, TooManyVaults, VaultNotFound};

    let vaults = look_up::vault_titles(client).await?;
    let step = vault_step(names, &vaults);
    let found =
        matching::unique(&step.matches, VaultNotFound, TooManyVaults).map(|vault| VaultId::from_server(&vault.id));
    answer.steps.push(step);
    let vault_id = match found {
        Ok(id) => id,
        Err(failure) => return Ok(Some(failure)),
    };

    let overviews = items::read::overviews(client, &vault_id).await?;
    let split = names.splits().find(|split| !matching::items(&split.item, &overviews).is_empty());
    let (split, as_written) = match split {
        Some(split) => {
            let as_written = split.parts == 1;
            (split, as_written)
        }
        None => (names.split(1), true),
    };
    let step = item_step(names, &split, &vault_id, &overviews);
    let found = matching::unique(&step.matches, ItemNotFound, TooManyItems).map(|item| ItemId::from_server(&item.id));
    answer.steps.push(step);
    let item_id = match found {
        Ok(id) => id,
        Err(failure) => return Ok(Some(failure)),
    };

    let opened = look_up::opened_item(client, &vault_id, &item_id).await?;
    if let Some(name) = split.section.as_deref().filter(|name| !name.is_empty()) {
        let step = section_step(name, &opened.details);
        let is_missing = step.matches.is_empty();
        answer.steps.push(step);
        if is_missing {
            return Ok(Some(NoMatchingSections));
        }
    }
    let step = field_step(names, &split, &opened);
    answer.id_reference = match step.matches.as_slice() {
        [only] => only.reference.clone(),
        _ => None,
    };
    answer.steps.push(step);
    let outcome =
        fields::find(&opened.details, split.section.as_deref(), names.field, names.query, client.now_seconds());
    Ok(match outcome {
        // The resolver splits a title that contains a slash, and finds no such item.
        Ok(secret) => {
            drop(secret);
            (!as_written).then_some(ItemNotFound)
        }
        Err(failure) => Some(failure),
    })
}

/// The names in a reference. They may contain characters that references cannot contain.
struct Names<'a> {
    vault: &'a str,
    /// The names of the item and the section, if there is one; more parts if one of these names contains a slash.
    middle: Vec<&'a str>,
    field: &'a str,
    query: Option<Query>,
    /// The query with its question mark; empty if there is no valid query.
    query_text: &'a str,
}

/// The middle parts, split into the names of the item and the section.
struct Split {
    item: String,
    section: Option<String>,
    /// How many of the middle parts belong to the item's name.
    parts: usize,
}

impl<'a> Names<'a> {
    /// Returns the names, and what is wrong with the reference. Refuses a text that is not a reference at all.
    fn of(text: &'a str) -> Result<(Self, Option<String>)> {
        let (query, problem) = match SecretReference::parse(text) {
            Ok(reference) => (reference.query, None),
            Err(error) => (None, Some(Error::from(error).message().to_owned())),
        };
        let rest = text.strip_prefix("op://").ok_or(ReferenceError::Prefix)?;
        let at = rest.rfind('?').filter(|at| !rest.get(*at..).is_some_and(|query| query.contains('/')));
        let (path, query_text) = rest.split_at(at.unwrap_or(rest.len()));
        let mut names: Vec<&str> = path.split('/').collect();
        if names.len() < 3 {
            return Err(ReferenceError::Format.into());
        }
        let field = names.pop().unwrap_or_default();
        let middle = names.split_off(1);
        let vault = names.pop().unwrap_or_default();
        let query_text = if problem.is_none() { query_text } else { "" };
        Ok((Self { vault, middle, field, query, query_text }, problem))
    }

    fn splits(&self) -> impl Iterator<Item = Split> {
        (1..=self.middle.len()).map(|parts| self.split(parts))
    }

    fn split(&self, parts: usize) -> Split {
        let (item, section) = self.middle.split_at(parts.min(self.middle.len()));
        Split { item: item.join("/"), section: (!section.is_empty()).then(|| section.join("/")), parts }
    }

    /// Returns the reference with this path and the original query.
    fn written<'p>(&self, path: impl Iterator<Item = &'p str>) -> String {
        format!("op://{}{}", path.collect::<Vec<_>>().join("/"), self.query_text)
    }
}

fn vault_step(names: &Names<'_>, vaults: &[(VaultId, String)]) -> ReferenceStep {
    let rest = || names.middle.iter().copied().chain([names.field]);
    let candidate = |(id, title): &(VaultId, String)| ReferenceCandidate {
        id: id.to_string(),
        title: title.clone(),
        note: None,
        reference: Some(names.written([id.as_str()].into_iter().chain(rest()))),
    };
    let matches = matching::vaults(names.vault, vaults).into_iter().map(candidate).collect();
    step(ReferencePart::Vault, names.vault, matches, || vaults.iter().map(candidate).collect())
}

fn item_step(names: &Names<'_>, split: &Split, vault_id: &VaultId, overviews: &[ItemOverview]) -> ReferenceStep {
    let candidate = |overview: &ItemOverview| {
        let is_active = matching::is_active(overview);
        let ids = [vault_id.as_str(), &overview.id].into_iter();
        let reference = names.written(ids.chain(split.section.as_deref()).chain([names.field]));
        ReferenceCandidate {
            id: overview.id.clone(),
            title: overview.title.clone(),
            note: (!is_active).then(|| "archived".to_owned()),
            reference: is_active.then_some(reference),
        }
    };
    let matches = matching::items(&split.item, overviews).into_iter().map(candidate).collect();
    step(ReferencePart::Item, &split.item, matches, || overviews.iter().map(candidate).collect())
}

fn section_step(name: &str, details: &Details) -> ReferenceStep {
    let candidate = |section: &Section| ReferenceCandidate {
        id: section.id.text().to_owned(),
        title: section.title.text().to_owned(),
        note: None,
        reference: None,
    };
    let matches = fields::sections_named(details, name).map(candidate).collect();
    any_step(ReferencePart::Section, name, matches, details.sections.elements().map(candidate).collect())
}

fn field_step(names: &Names<'_>, split: &Split, opened: &Opened) -> ReferenceStep {
    let candidate = |field: &Candidate<'_>| {
        let section = field.section.map(|section| section.title.text()).filter(|title| !title.is_empty());
        ReferenceCandidate {
            id: field.id.to_owned(),
            title: field.title.to_owned(),
            note: section.map(|title| format!("in section {title}")),
            reference: field_reference(names, opened, field),
        }
    };
    let named = fields::named(&opened.details, split.section.as_deref(), names.field).unwrap_or_default();
    let matches = named.iter().map(candidate).collect();
    let all = fields::candidates(&opened.details);
    any_step(ReferencePart::Field, names.field, matches, all.iter().map(candidate).collect())
}

/// Returns the reference by ids to a field, if it matches no other field.
fn field_reference(names: &Names<'_>, opened: &Opened, field: &Candidate<'_>) -> Option<String> {
    let Opened { vault_id, item_id, details } = opened;
    let section = field.section.map(|section| section.id.text());
    let named = fields::named(details, section, field.id).ok()?;
    let is_meant = matches!(named.as_slice(), [only] if only.is_same(field));
    let text = names.written([vault_id.as_str(), item_id.as_str()].into_iter().chain(section).chain([field.id]));
    (is_meant && SecretReference::parse(&text).is_ok()).then_some(text)
}

/// A candidate, and the distance of its name from the wanted name.
type Near = ((usize, usize), ReferenceCandidate);

/// Returns a step that lists candidates with similar names if nothing matches.
fn step(
    part: ReferencePart,
    name: &str,
    matches: Vec<ReferenceCandidate>,
    all: impl FnOnce() -> Vec<ReferenceCandidate>,
) -> ReferenceStep {
    let mut near = if matches.is_empty() { sorted(name, all()) } else { Vec::new() };
    near.retain(|((distance, _), _)| near::is_near(*distance, name));
    reference_step(part, name, matches, near)
}

/// Returns a step within an item, which lists all candidates if nothing matches.
fn any_step(
    part: ReferencePart,
    name: &str,
    matches: Vec<ReferenceCandidate>,
    all: Vec<ReferenceCandidate>,
) -> ReferenceStep {
    let near = if matches.is_empty() { sorted(name, all) } else { Vec::new() };
    reference_step(part, name, matches, near)
}

fn sorted(name: &str, candidates: Vec<ReferenceCandidate>) -> Vec<Near> {
    let distance = |candidate: &ReferenceCandidate| {
        near::distance(name, &candidate.title).min(near::distance(name, &candidate.id))
    };
    let mut sorted: Vec<_> = candidates.into_iter().map(|candidate| (distance(&candidate), candidate)).collect();
    sorted.sort_by_key(|(distance, _)| *distance);
    sorted
}

fn reference_step(part: ReferencePart, name: &str, matches: Vec<ReferenceCandidate>, near: Vec<Near>) -> ReferenceStep {
    let near = near.into_iter().take(MAX_NEAR).map(|(_, candidate)| candidate).collect();
    ReferenceStep { part, name: name.to_owned(), matches, near }
}
