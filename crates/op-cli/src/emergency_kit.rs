//! The emergency kit: what a person keeps on paper, to sign in on another machine.

use std::path::Path;

use anyhow::{Context, Result};
use op_protocol::secret_key::SecretKey;
use zeroize::Zeroizing;

use crate::{
    ask, out,
    profile::{Profile, Profiles},
};

const PAGE: &str = include_str!("emergency_kit.html");

/// Saves a new account on this machine, and hands its kit out. The server has the account already and the Secret Key is
/// nowhere else, so neither step waits for the other to succeed, and a kit that cannot be written is printed.
pub(crate) fn keep(profile: Profile, kit_file: Option<&Path>) -> Result<()> {
    let kit = Kit::of(&profile)?;
    let saved = Profiles::add(profile.clone());
    let handed_out = kit.hand_out(kit_file);
    // Where standard output fails as well, what is left is the place of the error messages.
    if handed_out.is_err() && (kit_file.is_none() || out::page(&kit.text()).is_err()) {
        kit.text().lines().for_each(out::note);
    }
    let file = saved.context("this machine does not have the account: save it with `opwire account add`")?;
    out::note(&format!("The account is saved on this machine, without the password: {}", file.display()));
    handed_out
}

/// What stands in an emergency kit.
pub(crate) struct Kit<'a> {
    profile: &'a Profile,
    secret_key: SecretKey,
}

impl<'a> Kit<'a> {
    /// The kit of a saved account.
    pub(crate) fn of(profile: &'a Profile) -> Result<Self> {
        Ok(Self { secret_key: profile.secret_key()?, profile })
    }

    /// Writes the page to `file`, or, without one, prints what would stand in it.
    pub(crate) fn hand_out(&self, file: Option<&Path>) -> Result<()> {
        let Some(file) = file else {
            return out::page(&self.text());
        };
        ask::write_private(file, &self.page())?;
        if file.as_os_str() != "-" {
            out::note(&format!("The emergency kit is in {}: print it, and delete the file.", file.display()));
        }
        Ok(())
    }

    /// What would stand in the page, for a terminal.
    fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "Keep this where only you find it:\n\n  Address     {}\n  E-mail      {}\n  Secret Key  {}\n  \
             Password    the one that you chose\n\nNobody can sign in without the Secret Key and the password.\n",
            out::shown(&self.profile.address),
            out::shown(&self.profile.email),
            self.secret_key.to_string().as_str(),
        ))
    }

    /// The page in HTML. It needs nothing from elsewhere, and fits one sheet of A4.
    fn page(&self) -> Zeroizing<String> {
        let secret_key = self.secret_key.to_string();
        let mut page = Zeroizing::new(PAGE.to_owned());
        for (mark, text) in [
            ("{{account}}", self.profile.name.as_str()),
            ("{{address}}", self.profile.address.as_str()),
            ("{{email}}", self.profile.email.as_str()),
            ("{{secret_key}}", secret_key.as_str()),
        ] {
            *page = page.replace(mark, &escaped(text));
        }
        page
    }
}

/// Text as HTML shows it.
fn escaped(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Neither may end one mark and begin another.
            '{' => out.push_str("&#123;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_what_a_person_needs_and_nothing_from_elsewhere() {
        let secret_key = SecretKey::parse("A3-ABCDEF-GHJKLM-NPQRS-TUVWX-YZ234-56789").unwrap();
        let profile =
            Profile::new("<Acme> & {{email}}", "https://x.example", "w@x.example", String::new(), &secret_key);
        let page = Kit::of(&profile).unwrap().page();
        assert!(page.contains("&lt;Acme&gt; &amp; &#123;&#123;email}}"));
        for text in ["https://x.example", "w@x.example", secret_key.to_string().as_str()] {
            assert!(page.contains(text), "{text}");
        }
        assert!(!page.contains("{{"), "a mark is left");
        for outside in ["<script", "<link", "src=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
