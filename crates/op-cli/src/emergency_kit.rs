//! The emergency kit: a page that a person prints, and needs to sign in on another machine.

use std::path::Path;

use anyhow::{Context, Result};
use op_agent::profiles::{Profile, Profiles};
use op_protocol::secret_key::SecretKey;
use zeroize::Zeroizing;

use crate::{ask, out};

const PAGE: &str = include_str!("emergency_kit.html");

/// Saves a new account on this machine, and hands out its kit. The server has created the account, and the Secret Key
/// exists only here, so each step is done even if the other fails, and a kit that cannot be written is printed.
pub(crate) fn save_and_hand_out(profile: Profile, kit_file: Option<&Path>) -> Result<()> {
    let kit = Kit::of(&profile)?;
    let saved = Profiles::add(profile.clone());
    let handed_out = kit.hand_out(kit_file);
    // If standard output fails too, standard error remains.
    if handed_out.is_err() && (kit_file.is_none() || out::page(&kit.text()).is_err()) {
        kit.text().lines().for_each(out::note);
    }
    let file = saved.context("the account could not be saved on this machine: save it with `opwire account add`")?;
    out::note(&format!("The account is saved on this machine, without the password: {}", file.display()));
    handed_out
}

/// The content of an emergency kit.
pub(crate) struct Kit<'a> {
    profile: &'a Profile,
    secret_key: SecretKey,
}

impl<'a> Kit<'a> {
    /// Returns the kit of a saved account.
    pub(crate) fn of(profile: &'a Profile) -> Result<Self> {
        Ok(Self { secret_key: profile.secret_key()?, profile })
    }

    /// Writes the page to `file` or, without one, prints its content as text.
    pub(crate) fn hand_out(&self, file: Option<&Path>) -> Result<()> {
        let Some(file) = file else {
            return out::page(&self.text());
        };
        ask::write_private(file, &self.page())?;
        if file.as_os_str() != "-" {
            out::note(&format!("The emergency kit is in {}: print it, then delete the file.", file.display()));
        }
        Ok(())
    }

    /// Returns the content of the page as text for a terminal.
    fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "Keep this where only you can find it:\n\n  Address     {}\n  E-mail      {}\n  Secret Key  {}\n  \
             Password    the one that you chose\n\nNobody can sign in without both the Secret Key and the password.\n",
            out::escape(&self.profile.address),
            out::escape(&self.profile.email),
            self.secret_key.to_string().as_str(),
        ))
    }

    /// Returns the page in HTML. It loads nothing from elsewhere, and fits one sheet of A4.
    fn page(&self) -> Zeroizing<String> {
        let secret_key = self.secret_key.to_string();
        let mut page = Zeroizing::new(PAGE.to_owned());
        for (placeholder, text) in [
            ("{{account}}", self.profile.name.as_str()),
            ("{{address}}", self.profile.address.as_str()),
            ("{{email}}", self.profile.email.as_str()),
            ("{{secret_key}}", secret_key.as_str()),
        ] {
            *page = page.replace(placeholder, &escape_html(text));
        }
        page
    }
}

/// Returns the text escaped for HTML.
fn escape_html(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Otherwise a text could contain a placeholder that is replaced later.
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
        let profile = Profile::new(
            "<Acme> & {{email}}",
            String::new(),
            "https://x.example",
            "w@x.example",
            String::new(),
            &secret_key,
        );
        let page = Kit::of(&profile).unwrap().page();
        assert!(page.contains("&lt;Acme&gt; &amp; &#123;&#123;email}}"));
        for text in ["https://x.example", "w@x.example", secret_key.to_string().as_str()] {
            assert!(page.contains(text), "{text}");
        }
        assert!(!page.contains("{{"), "a placeholder is left");
        for outside in ["<script", "<link", "src=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
