//! A shared item as text.

use anyhow::{Result, bail};
use op_core::types::{Item, ItemField, ItemFieldDetails, ItemFieldType, ItemFile};
use zeroize::Zeroizing;

use crate::out::escape;

/// What is shown of a concealed value. Its length says nothing about the value's.
const DOTS: &str = "••••••••";
/// The name that `--field` has for the notes.
const NOTES: &str = "notes";

/// Returns the item as a page, with dots for concealed values unless they are revealed.
pub(super) fn text(item: &Item, reveal: bool) -> Zeroizing<String> {
    let mut page = Page::default();
    page.line("", &item.title);
    for field in item.fields.iter().filter(|field| section(item, field).is_empty()) {
        page.field("", field, reveal);
    }
    let titled = item.sections.iter().filter(|section| !section.title.is_empty());
    for of in titled {
        let mut fields = item.fields.iter().filter(|field| field.section_id.as_deref() == Some(&of.id)).peekable();
        if fields.peek().is_some() {
            page.heading(&of.title);
        }
        fields.for_each(|field| page.field("  ", field, reveal));
    }
    page.list("Websites", item.websites.iter().map(|website| website.url.clone()));
    page.list("Tags", item.tags.iter().cloned());
    page.list("Notes", item.notes.lines().map(str::to_owned));
    page.list("Files", files(item).map(|file| format!("{} ({} bytes)", file.name, file.size)));
    page.0
}

/// Returns whether the page has dots in it.
pub(super) fn hides_something(item: &Item) -> bool {
    item.fields.iter().any(|field| is_concealed(field) && !field.value.is_empty())
}

/// Returns the value of a field by its title or id, or the notes.
pub(super) fn field<'a>(item: &'a Item, name: &str) -> Result<&'a str> {
    let is_named = |field: &&ItemField| [&field.id, &field.title].iter().any(|known| known.eq_ignore_ascii_case(name));
    let matching: Vec<_> = item.fields.iter().filter(is_named).collect();
    match *matching {
        [field] => Ok(&field.value),
        [] if name.eq_ignore_ascii_case(NOTES) && !item.notes.is_empty() => Ok(&item.notes),
        [] => {
            let known = item.fields.iter().map(|field| if field.title.is_empty() { &*field.id } else { &*field.title });
            let known: Vec<_> = known.chain((!item.notes.is_empty()).then_some(NOTES)).collect();
            bail!("the item has no field {name}, but these: {}", known.join(", "))
        }
        _ => {
            let ids: Vec<_> = matching.iter().map(|field| field.id.as_str()).collect();
            bail!("several fields match {name}: use the id of one, {}", ids.join(" or "))
        }
    }
}

/// Returns the files of an item, with that of a Document.
pub(super) fn files(item: &Item) -> impl Iterator<Item = &op_core::types::FileAttributes> {
    item.document.iter().chain(item.files.iter().map(|ItemFile { attributes, .. }| attributes))
}

fn section<'a>(item: &'a Item, field: &ItemField) -> &'a str {
    let section = item.sections.iter().find(|section| field.section_id.as_deref() == Some(&section.id));
    section.map_or("", |section| &section.title)
}

fn is_concealed(field: &ItemField) -> bool {
    use ItemFieldType::{Concealed, CreditCardNumber, SshKey, Totp};
    matches!(field.field_type, Concealed | CreditCardNumber | SshKey | Totp)
}

/// A text of lines, in which text from elsewhere is escaped.
#[derive(Default)]
struct Page(Zeroizing<String>);

impl Page {
    fn line(&mut self, indent: &str, text: &str) {
        for part in [indent, Zeroizing::new(escape(text).into_owned()).as_str(), "\n"] {
            self.0.push_str(part);
        }
    }

    fn heading(&mut self, title: &str) {
        self.0.push('\n');
        self.line("", title);
    }

    fn list(&mut self, title: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.map(Zeroizing::new).peekable();
        if lines.peek().is_some() {
            self.heading(title);
        }
        lines.for_each(|line| self.line("  ", &line));
    }

    fn field(&mut self, indent: &str, field: &ItemField, reveal: bool) {
        if field.value.is_empty() {
            return;
        }
        let name = if field.title.is_empty() { &field.id } else { &field.title };
        let is_hidden = is_concealed(field) && !reveal;
        let mut lines = if is_hidden { DOTS.lines() } else { field.value.lines() };
        let first = lines.next().unwrap_or_default();
        self.line(indent, &Zeroizing::new(format!("{name}: {first}")));
        lines.for_each(|line| self.line(&format!("{indent}  "), line));
        if let (false, Some(ItemFieldDetails::Otp(otp))) = (is_hidden, &field.details)
            && let Some(code) = &otp.code
        {
            self.line(indent, &Zeroizing::new(format!("{name}, now: {code}")));
        }
    }
}
