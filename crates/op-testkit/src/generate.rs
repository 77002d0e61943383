//! Generates items of every category, with fields of every type and any values that the types allow. The same seed
//! gives the same items in all languages.

use base64ct::{Base64, Encoding};
use serde::Serialize;
use serde_json::{Value, json};

use crate::vectors;

const CATEGORIES: [&str; 23] = [
    "Login",
    "SecureNote",
    "CreditCard",
    "CryptoWallet",
    "Identity",
    "Password",
    "ApiCredentials",
    "BankAccount",
    "Database",
    "DriverLicense",
    "Email",
    "MedicalRecord",
    "Membership",
    "OutdoorLicense",
    "Passport",
    "Rewards",
    "Router",
    "Server",
    "SshKey",
    "SocialSecurityNumber",
    "SoftwareLicense",
    "Person",
    "Document",
];

/// The field types that any item may have. An SSH key is allowed only in items of its category.
const TYPES: [&str; 13] = [
    "Text",
    "Concealed",
    "CreditCardType",
    "CreditCardNumber",
    "Phone",
    "Url",
    "Totp",
    "Email",
    "Reference",
    "Menu",
    "MonthYear",
    "Address",
    "Date",
];

/// An item to create, the item that is then read, and an edit.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The parameters of `items.create`, with the content of files as base64.
    pub params: Value,
    /// The item to be read, without ids of the item and its files, version, times, and data derived from values (codes,
    /// public keys).
    pub expected: Value,
    /// A new title, and a new value for the field at index `field`, if the item has a field that may contain any text.
    pub edit: Value,
}

/// Returns `count` items for a vault. With 23 or more, each category and field type occurs.
#[must_use]
pub fn items(seed: u64, count: usize, vault_id: &str) -> Vec<Case> {
    let keys: Vec<Value> = vectors::ssh_keys();
    (0..count)
        .map(|number| Generator { random: Random(seed ^ (number as u64) << 32), number }.case(vault_id, &keys))
        .collect()
}

struct Generator {
    random: Random,
    number: usize,
}

impl Generator {
    fn case(mut self, vault_id: &str, keys: &[Value]) -> Case {
        let category = self.random.cycle(&CATEGORIES, self.number);
        let mut item = Item::default();
        self.built_in(category, &mut item);
        if category == "SshKey" {
            let text = self.random.one(keys).get("text").cloned().unwrap_or_default();
            item.loose.push(field("private_key", "private key", "SshKey", &text));
        }
        for number in 0..self.random.below(4) {
            let section = json!({ "id": format!("section {number}{}", self.random.id()), "title": self.random.text() });
            self.fields(&mut item, &section, number);
        }
        for number in 0..self.random.below(3) {
            let typed = self.typed(&format!("loose{number}"));
            item.loose.push(typed);
        }
        if category == "Document" {
            item.document = Some(self.file());
        }
        let takes_websites = matches!(category, "Login" | "Password");
        let websites: Vec<Value> =
            (0..if takes_websites { self.random.below(4) } else { 0 }).map(|_| self.website()).collect();
        let tags: Vec<String> = (0..self.random.below(4)).map(|n| format!("{n}{}", self.random.text())).collect();
        let rest = json!({ "category": category, "title": self.random.text(), "notes": self.random.text(), "tags": tags,
            "websites": websites });
        let (params, expected) = item.finish(category, vault_id, rest);
        let edit = self.edit(&expected);
        Case { params, expected, edit }
    }

    /// Adds the built-in fields of some categories.
    fn built_in(&mut self, category: &str, item: &mut Item) {
        let mut add = |random: &mut Random, id: &str, field_type: &str| {
            item.built_in.push(field(id, id, field_type, &random.text().into()));
        };
        let random = &mut self.random;
        match category {
            "Login" if random.below(4) > 0 => {
                add(random, "username", "Text");
                add(random, "password", "Concealed");
            }
            "Login" if random.below(2) > 0 => add(random, "password", "Concealed"),
            "Password" if random.below(4) > 0 => add(random, "password", "Concealed"),
            _ => {}
        }
    }

    fn fields(&mut self, item: &mut Item, section: &Value, in_section: usize) {
        let fields: Vec<Value> = (0..self.random.below(6))
            .map(|number| {
                let mut typed = self.typed(&format!("f{in_section}.{number}"));
                set(&mut typed, "sectionId", section.get("id").cloned().unwrap_or_default());
                typed
            })
            .collect();
        item.sections.push((section.clone(), fields));
        for number in 0..self.random.below(6).saturating_sub(3) {
            let mut file = self.file();
            set(&mut file, "sectionId", section.get("id").cloned().unwrap_or_default());
            set(&mut file, "fieldId", format!("file{in_section}.{number}{}", self.random.id()).into());
            item.files.push(file);
        }
    }

    /// Returns a file with a name and any bytes, often none.
    fn file(&mut self) -> Value {
        let length = self.random.below(4) * self.random.below(1000);
        let bytes: Vec<u8> = (0..length).map(|_| (self.random.next() & 0xff) as u8).collect();
        json!({ "name": format!("{}.bin", self.random.text()), "content": Base64::encode_string(&bytes) })
    }

    /// Returns a field of some type, with a value that the type allows.
    fn typed(&mut self, id: &str) -> Value {
        self.number += 1;
        let field_type = self.random.cycle(&TYPES, self.number);
        let id = match (field_type, self.random.below(2)) {
            ("Totp", 0) => format!("TOTP_{id}"),
            ("CreditCardNumber", 0) => format!("ccnum{id}"),
            _ => format!("{id}{}", self.random.id()),
        };
        let title = self.random.text();
        let random = &mut self.random;
        let empty = random.below(8) == 0;
        let value = match field_type {
            "Reference" => random.any_id(),
            _ if empty => String::new(),
            "Totp" => random.secret(),
            "MonthYear" => format!("{:02}/{:04}", 1 + random.below(12), 1000 + random.below(2000)),
            "Date" => {
                format!("{:04}-{:02}-{:02}", 1000 + random.below(2000), 1 + random.below(12), 1 + random.below(28))
            }
            "Address" => String::new(),
            _ => random.text(),
        };
        let mut field = field(&id, &title, field_type, &value.into());
        if field_type == "Address" && !empty {
            let parts = ["street", "city", "country", "zip", "state"].map(|part| (part, random.text()));
            let parts: Value = parts.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text))).collect();
            set(&mut field, "details", json!({ "type": "Address", "content": parts }));
        }
        field
    }

    fn website(&mut self) -> Value {
        let behavior = *self.random.one(&["AnywhereOnWebsite", "ExactDomain", "Never"]);
        json!({ "url": self.random.text(), "label": self.random.text(), "autofillBehavior": behavior })
    }

    fn edit(&mut self, expected: &Value) -> Value {
        let fields = expected.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let free = |field: &Value| matches!(text(field, "fieldType"), "Text" | "Concealed" | "Url" | "Menu" | "Phone");
        let field = fields.iter().position(free);
        json!({ "title": self.random.text() + " edited", "field": field, "value": self.random.text() + " edited" })
    }
}

/// The parts of an item, in the order in which they are read.
#[derive(Default)]
struct Item {
    built_in: Vec<Value>,
    sections: Vec<(Value, Vec<Value>)>,
    /// Fields without a section.
    loose: Vec<Value>,
    files: Vec<Value>,
    document: Option<Value>,
}

impl Item {
    fn finish(self, category: &str, vault_id: &str, rest: Value) -> (Value, Value) {
        let mut sections: Vec<Value> = self.sections.iter().map(|(section, _)| section.clone()).collect();
        let in_sections = self.sections.into_iter().flat_map(|(_, fields)| fields);
        let given: Vec<Value> =
            self.built_in.iter().cloned().chain(in_sections).chain(self.loose.iter().cloned()).collect();
        let (mut params, mut expected) = (rest.clone(), rest);
        set(&mut params, "vaultId", vault_id.into());
        set(&mut params, "fields", given.clone().into());
        set(&mut params, "sections", sections.clone().into());

        let mut read: Vec<Value> = given.into_iter().map(|field| as_read(field, &self.built_in)).collect();
        if category == "Password" && self.built_in.is_empty() {
            read.insert(0, field("password", "password", "Concealed", &"".into()));
        }
        if !self.loose.is_empty() {
            sections.push(json!({ "id": "", "title": "" }));
        }
        let files = self.files.iter().map(|file| {
            json!({ "attributes": attributes(file), "sectionId": file.get("sectionId"), "fieldId": file.get("fieldId") })
        });
        set(&mut expected, "files", files.collect());
        set(&mut params, "files", self.files.into());
        if let Some(document) = self.document {
            set(&mut expected, "document", attributes(&document));
            set(&mut params, "document", document);
        }
        set(&mut expected, "fields", read.into());
        set(&mut expected, "sections", sections.into());
        (params, expected)
    }
}

/// Returns the field as it is read: its id shows its type, its section is set, and an address is one line.
fn as_read(mut field: Value, built_in: &[Value]) -> Value {
    let id = text(&field, "id").to_owned();
    match text(&field, "fieldType") {
        "Totp" if !id.starts_with("TOTP") => set(&mut field, "id", format!("TOTP_{id}").into()),
        "CreditCardNumber" if !id.starts_with("ccnum") => set(&mut field, "id", format!("ccnum_{id}").into()),
        "Address" => {
            let part = |name: &str| {
                field.pointer(&format!("/details/content/{name}")).and_then(Value::as_str).unwrap_or_default()
            };
            let join = |parts: &[&str], separator: &str| {
                parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
            };
            let place = join(&[part("city"), part("state"), part("zip")], " ");
            let line = join(&[part("street"), &place, part("country")], ", ");
            set(&mut field, "value", line.into());
        }
        _ => {}
    }
    if field.get("sectionId").is_none() && !built_in.contains(&field) {
        set(&mut field, "sectionId", "".into());
    }
    field
}

/// Returns the attributes that an item shows for a file to create.
fn attributes(file: &Value) -> Value {
    let size = Base64::decode_vec(text(file, "content")).map_or(0, |content| content.len());
    json!({ "name": text(file, "name"), "size": size })
}

fn field(id: &str, title: &str, field_type: &str, value: &Value) -> Value {
    json!({ "id": id, "title": title, "fieldType": field_type, "value": value })
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// SplitMix64: not secure, but the same in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let at = self.below(choices.len());
        self.cycle_ref(choices, at)
    }

    /// Returns the choices in turn.
    fn cycle<T: Copy>(&mut self, choices: &[T], number: usize) -> T {
        *self.cycle_ref(choices, number)
    }

    #[allow(clippy::indexing_slicing, reason = "below the length by the remainder; no list of choices is empty")]
    fn cycle_ref<'a, T>(&self, choices: &'a [T], number: usize) -> &'a T {
        &choices[number % choices.len()]
    }

    fn repeated(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.below(most)).map(|_| *self.one(pieces)).collect()
    }

    /// Returns any text, rarely a long one.
    fn text(&mut self) -> String {
        const PIECES: [&str; 20] = [
            "a",
            "Z",
            "9",
            " ",
            "\"",
            "\\",
            "/",
            "\n",
            "\u{1}",
            "£",
            "ß",
            "日本",
            "\u{1f511}",
            "e\u{301}",
            "\u{202e}",
            "{}",
            "null",
            "<b>",
            "%00",
            "-",
        ];
        let most = if self.below(40) == 0 { 3000 } else { 8 };
        self.repeated(&PIECES, most)
    }

    /// Returns characters that ids may contain.
    fn id(&mut self) -> String {
        self.repeated(&["a", "B", "0", "-", "_", ".", " ", "é", "鍵"], 4)
    }

    /// Returns a text in the form of an item's id.
    fn any_id(&mut self) -> String {
        let bytes = [(); 16].map(|()| (self.next() & 0xff) as u8);
        op_protocol::id::new_id(bytes)
    }

    /// Returns a secret for one-time passwords, sometimes an invalid one.
    fn secret(&mut self) -> String {
        let secret = self.repeated(&["A", "Z", "2", "7", "q", " ", "-", "="], 40);
        match self.below(4) {
            0 => secret,
            1 => self.text(),
            _ => {
                let algorithm = *self.one(&["SHA1", "SHA256", "SHA512", "md5"]);
                let (digits, period) = (self.below(11), self.below(700));
                format!("otpauth://totp/x?secret={secret}&algorithm={algorithm}&digits={digits}&period={period}")
            }
        }
    }
}
