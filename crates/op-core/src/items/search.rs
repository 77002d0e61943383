//! Searching the decrypted overviews of vaults.

use std::collections::HashSet;

use futures_util::future::join_all;
use op_protocol::id::VaultId;
use time::OffsetDateTime;

use crate::{
    client::{Client, vault_records},
    error::{Error, ErrorKind, Result},
    ids,
    items::read,
    plaintext::{kinds, timestamp},
    types::{ItemCategory, ItemOverview, ItemSearchParams, ItemState},
};

/// Returns the items that match, vault by vault.
pub(crate) async fn search(client: &Client, params: &ItemSearchParams) -> Result<Vec<ItemOverview>> {
    let filter = Filter::of(params)?;
    let (vault_ids, are_named): (Vec<VaultId>, _) = match &params.vault_ids {
        Some(named) => {
            let ids: Result<_> = named.iter().map(|id| ids::parse_id("params.vaultIds", id)).collect();
            (ids?, true)
        }
        None => {
            let vaults = vault_records::list(&client.api).await?;
            client.keychain.remember_vault_keys(&vaults).await?;
            (vaults.into_iter().map(|vault| VaultId::from_server(vault.uuid)).collect(), false)
        }
    };
    let mut seen = HashSet::new();
    let unique = vault_ids.iter().filter(|id| seen.insert(*id));
    let listings = join_all(unique.map(|id| read::overviews(client, id))).await;
    let mut found = Vec::new();
    for listing in listings {
        match listing {
            Ok(items) => found.extend(items.into_iter().filter(|item| filter.fits(item))),
            Err(error) if !are_named && is_closed(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Whether the failure means that the vault is listed, but may not be read, does not open, or was deleted since.
fn is_closed(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::Decryption)
}

/// The conditions of a search, in the form in which they are compared.
struct Filter<'a> {
    params: &'a ItemSearchParams,
    title: Option<String>,
    tags: Vec<String>,
    username: Option<String>,
    host: Option<String>,
    updated_since: Option<OffsetDateTime>,
}

impl<'a> Filter<'a> {
    fn of(params: &'a ItemSearchParams) -> Result<Self> {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let host = params.website.as_deref().map(host);
        if host.as_ref().is_some_and(String::is_empty) {
            return Err(invalid("website", "is neither an address such as https://example.com nor a host"));
        }
        let is_unknown = |category: &ItemCategory| *category == ItemCategory::Unsupported;
        if let Some(at) = params.categories.iter().flatten().position(is_unknown) {
            return Err(Error::new(ErrorKind::InvalidConfiguration, kinds::unsupported_category())
                .with_field(format!("params.categories[{at}]")));
        }
        let updated_since = params.updated_since.as_deref().map(|text| {
            timestamp::parse(text).ok_or_else(|| invalid("updatedSince", "is not a time such as 2026-01-31T12:00:00Z"))
        });
        Ok(Self {
            params,
            title: lower(&params.title),
            tags: params.tags.iter().flatten().map(|tag| tag.to_lowercase()).collect(),
            username: lower(&params.username),
            host,
            updated_since: updated_since.transpose()?,
        })
    }

    fn fits(&self, overview: &ItemOverview) -> bool {
        let params = self.params;
        let holds = |part: &Option<String>, text: &str| {
            part.as_ref().is_none_or(|part| text.to_lowercase().contains(part.as_str()))
        };
        params.states.as_ref().map_or(overview.state == ItemState::Active, |states| states.contains(&overview.state))
            && params.categories.as_ref().is_none_or(|categories| categories.contains(&overview.category))
            && holds(&self.title, &overview.title)
            && holds(&self.username, &overview.subtitle)
            && self.tags.iter().all(|wanted| overview.tags.iter().any(|tag| is_tag_of(tag, wanted)))
            && self
                .host
                .as_ref()
                .is_none_or(|wanted| overview.websites.iter().any(|website| are_related(&host(&website.url), wanted)))
            && self
                .updated_since
                .is_none_or(|since| timestamp::parse(&overview.updated_at).is_some_and(|updated| updated >= since))
    }
}

fn invalid(member: &str, problem: &str) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, format_args!("`{member}` {problem}"))
        .with_field(format!("params.{member}"))
}

/// Whether a tag is the wanted one, or nested in it.
fn is_tag_of(tag: &str, wanted: &str) -> bool {
    let tag = tag.to_lowercase();
    tag.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the host of an address, or of a text without a scheme, in lower case.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    host.trim().trim_end_matches('.').to_lowercase()
}

/// Whether two hosts are the same, or one is a subdomain of the other.
fn are_related(a: &str, b: &str) -> bool {
    let is_in =
        |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !a.is_empty() && (is_in(a, b) || is_in(b, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_from_addresses() {
        for (address, expected) in [
            ("https://Example.com:8443/x?y#z", "example.com"),
            ("example.com", "example.com"),
            ("https://user:pw@example.com./", "example.com"),
            ("http://[::1]:80/", "::1"),
            ("example.com/login", "example.com"),
            ("https://", ""),
            ("", ""),
        ] {
            assert_eq!(host(address), expected, "{address}");
        }
    }

    #[test]
    fn domains_fit_their_subdomains_and_no_other() {
        assert!(are_related("login.example.com", "example.com") && are_related("example.com", "login.example.com"));
        assert!(!are_related("notexample.com", "example.com") && !are_related("", "example.com"));
        assert!(is_tag_of("Work/Mail", "work") && is_tag_of("work", "work") && !is_tag_of("workshop", "work"));
    }
}
