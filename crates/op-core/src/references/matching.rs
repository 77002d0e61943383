//! Which vaults and items a name in a reference matches: the one with this id, or else those with this title.
//! docs/decisions/0059 says why.

use op_protocol::id::VaultId;

use crate::{
    client::titles::same_title,
    types::{ItemOverview, ItemState, ResolveReferenceError},
};

/// Returns the vaults that a name matches, from ids and titles.
pub(crate) fn vaults<'a>(name: &str, vaults: &'a [(VaultId, String)]) -> Vec<&'a (VaultId, String)> {
    match vaults.iter().find(|(id, _)| id.as_str() == name) {
        Some(vault) => vec![vault],
        None => vaults.iter().filter(|(_, title)| same_title(title, name)).collect(),
    }
}

/// Returns the active items that a name matches.
pub(crate) fn items<'a>(name: &str, overviews: &'a [ItemOverview]) -> Vec<&'a ItemOverview> {
    let active = || overviews.iter().filter(|overview| is_active(overview));
    match active().find(|overview| overview.id == name) {
        Some(overview) => vec![overview],
        None => active().filter(|overview| same_title(&overview.title, name)).collect(),
    }
}

/// Whether references can match the item.
pub(crate) fn is_active(overview: &ItemOverview) -> bool {
    overview.state == ItemState::Active
}

/// Returns the only match, or the error for none or several.
pub(crate) fn unique<T>(
    matches: &[T],
    none: ResolveReferenceError,
    several: ResolveReferenceError,
) -> Result<&T, ResolveReferenceError> {
    match matches {
        [] => Err(none),
        [only] => Ok(only),
        _ => Err(several),
    }
}
