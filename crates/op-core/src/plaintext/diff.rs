//! Listing what an edit changes in an item.

use super::{edit, encode::invalid};
use crate::{
    error::Result,
    types::{
        AddressFieldDetails, ChangeKind, Item, ItemDifference, ItemField, ItemFieldDetails, ItemFieldType, Website,
    },
};

/// Returns the differences between `before` and `after`. Secret values are included only if `reveal` is set.
pub(crate) fn diff(before: &Item, after: &Item, reveal: bool) -> Result<Vec<ItemDifference>> {
    if (&before.id, &before.vault_id) != (&after.id, &after.vault_id) {
        return Err(
            invalid("these are two different items, not one item before and after an edit").with_field("after.id")
        );
    }
    edit::check(before, after).map_err(|error| {
        let field = if before.category == after.category { "after" } else { "after.category" };
        error.with_field(field)
    })?;
    let mut differences = Differences { reveal, list: Vec::new() };
    differences.compare("title", "", &before.title, &after.title, Visibility::Public);
    differences.compare("notes", "", &before.notes, &after.notes, Visibility::Secret);
    differences.tags(&before.tags, &after.tags);
    differences.websites(&before.websites, &after.websites);
    differences.sections(before, after);
    differences.fields(before, after);
    Ok(differences.list)
}

struct Differences {
    reveal: bool,
    list: Vec<ItemDifference>,
}

#[derive(Clone, Copy, PartialEq)]
enum Visibility {
    Public,
    Secret,
}

impl Differences {
    fn push(&mut self, path: &str, title: &str, before: Option<&str>, after: Option<&str>, visibility: Visibility) {
        let change = match (before, after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        let shown =
            |text: Option<&str>| text.filter(|_| visibility == Visibility::Public || self.reveal).map(str::to_owned);
        let (before, after) = (shown(before), shown(after));
        self.list.push(ItemDifference { path: path.to_owned(), title: title.to_owned(), change, before, after });
    }

    fn compare(&mut self, path: &str, title: &str, before: &str, after: &str, visibility: Visibility) {
        if before != after {
            self.push(path, title, Some(before), Some(after), visibility);
        }
    }

    /// Adds a difference if elements that are in both lists have another order.
    fn order(&mut self, path: &str, before: &[&str], after: &[&str]) {
        let kept = |list: &[&str], other: &[&str]| {
            let kept: Vec<&str> = list.iter().copied().filter(|key| other.contains(key)).collect();
            kept.join(", ")
        };
        self.compare(path, "", &kept(before, after), &kept(after, before), Visibility::Public);
    }

    fn tags(&mut self, before: &[String], after: &[String]) {
        for tag in before.iter().filter(|tag| !after.contains(tag)) {
            self.push(&format!("tags[{tag}]"), "", Some(tag), None, Visibility::Public);
        }
        for tag in after.iter().filter(|tag| !before.contains(tag)) {
            self.push(&format!("tags[{tag}]"), "", None, Some(tag), Visibility::Public);
        }
        self.order("tags", &keys(before, |tag| tag), &keys(after, |tag| tag));
    }

    fn websites(&mut self, before: &[Website], after: &[Website]) {
        let (pairs, added) = pairs(before, after, |a, b| a.url == b.url);
        for (old, new) in &pairs {
            let path = format!("websites[{}]", old.url);
            let Some(new) = new else {
                self.push(&path, "", Some(&old.url), None, Visibility::Public);
                continue;
            };
            self.compare(&format!("{path}.label"), "", &old.label, &new.label, Visibility::Public);
            let behaviors = [old, new].map(|website| format!("{:?}", website.autofill_behavior));
            let [old, new] = &behaviors;
            self.compare(&format!("{path}.autofillBehavior"), "", old, new, Visibility::Public);
        }
        for new in added {
            self.push(&format!("websites[{}]", new.url), "", None, Some(&new.url), Visibility::Public);
        }
        self.order("websites", &keys(before, |website| &website.url), &keys(after, |website| &website.url));
    }

    fn sections(&mut self, before: &Item, after: &Item) {
        let (pairs, added) = pairs(&before.sections, &after.sections, |a, b| a.id == b.id);
        for (old, new) in pairs {
            let path = format!("sections[{}]", old.id);
            match new {
                Some(new) => {
                    self.compare(&format!("{path}.title"), &new.title, &old.title, &new.title, Visibility::Public);
                }
                None => self.push(&path, &old.title, Some(&old.title), None, Visibility::Public),
            }
        }
        for new in added {
            self.push(&format!("sections[{}]", new.id), &new.title, None, Some(&new.title), Visibility::Public);
        }
        self.order("sections", &keys(&before.sections, |each| &each.id), &keys(&after.sections, |each| &each.id));
    }

    fn fields(&mut self, before: &Item, after: &Item) {
        let (pairs, added) = pairs(&before.fields, &after.fields, |a, b| a.id == b.id);
        for (old, new) in pairs {
            let path = format!("fields[{}]", old.id);
            let Some(new) = new else {
                self.push(&path, &old.title, Some(&old.value), None, Visibility::Secret);
                continue;
            };
            let title = &new.title;
            self.compare(&format!("{path}.title"), title, &old.title, title, Visibility::Public);
            if old.section_id != new.section_id {
                let sections = (old.section_id.as_deref(), new.section_id.as_deref());
                self.push(&format!("{path}.sectionId"), title, sections.0, sections.1, Visibility::Public);
            }
            let types = [old, new].map(|field| format!("{:?}", field.field_type));
            let [old_type, new_type] = &types;
            self.compare(&format!("{path}.fieldType"), title, old_type, new_type, Visibility::Public);
            self.compare(&format!("{path}.value"), title, &old.value, &new.value, Visibility::Secret);
            if let (Some(old), Some(new)) = (address(old), address(new)) {
                self.compare(&format!("{path}.details"), title, &old, &new, Visibility::Secret);
            }
        }
        for new in added {
            self.push(&format!("fields[{}]", new.id), &new.title, None, Some(&new.value), Visibility::Secret);
        }
        self.order("fields", &keys(&before.fields, |each| &each.id), &keys(&after.fields, |each| &each.id));
    }
}

fn keys<T>(elements: &[T], key: impl Fn(&T) -> &String) -> Vec<&str> {
    elements.iter().map(|element| key(element).as_str()).collect()
}

/// Returns the parts of an address, which are what is stored.
fn address(field: &ItemField) -> Option<String> {
    let Some(ItemFieldDetails::Address(Some(address))) = &field.details else { return None };
    let AddressFieldDetails { street, city, country, zip, state } = address;
    (field.field_type == ItemFieldType::Address)
        .then(|| [street, city, zip, state, country].map(String::as_str).join(", "))
}

/// Pairs each old element with its new version, and returns the new elements that have no old version.
fn pairs<'a, T>(
    before: &'a [T],
    after: &'a [T],
    same: impl Fn(&T, &T) -> bool,
) -> (Vec<(&'a T, Option<&'a T>)>, Vec<&'a T>) {
    let mut left: Vec<&T> = after.iter().collect();
    let pairs = before
        .iter()
        .map(|old| {
            let at = left.iter().position(|new| same(old, new));
            (old, at.map(|at| left.remove(at)))
        })
        .collect();
    (pairs, left)
}
