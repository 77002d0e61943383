//! Which vaults and items a name in a reference means: those of this id, or else those of this title.

use crate::{
    client::titles::same_title,
    types::{ItemOverview, ItemState, ResolveReferenceError},
};

/// The vaults that a name means, of these ids and titles.
pub(crate) fn vaults<'a>(name: &str, vaults: &'a [(String, String)]) -> Vec<&'a (String, String)> {
    match vaults.iter().find(|(id, _)| id == name) {
        Some(vault) => vec![vault],
        None => vaults.iter().filter(|(_, title)| same_title(title, name)).collect(),
    }
}

/// The active items that a name means.
pub(crate) fn items<'a>(name: &str, overviews: &'a [ItemOverview]) -> Vec<&'a ItemOverview> {
    let active = || overviews.iter().filter(|overview| is_active(overview));
    match active().find(|overview| overview.id == name) {
        Some(overview) => vec![overview],
        None => active().filter(|overview| same_title(&overview.title, name)).collect(),
    }
}

/// Whether references find the item.
pub(crate) fn is_active(overview: &ItemOverview) -> bool {
    overview.state == ItemState::Active
}

/// The only one of these, or what is wrong if there is none, or several.
pub(crate) fn the_one<T>(
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
