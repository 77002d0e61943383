//! A new group.

use op_protocol::rest::{self, accessor_type, group_type};

use super::{
    NewKeys,
    maker::{Holder, Maker},
};
use crate::{client::Client, error::Result, host::HttpMethod, ids, transport::Resource};

impl Client {
    /// Makes a group without members, and returns its id. Owners and administrators can open its key, so that they can
    /// add members.
    ///
    /// # Errors
    /// This user is no administrator.
    pub async fn create_group(&self, name: &str, description: &str, new_keys: NewKeys<'_>) -> Result<String> {
        let groups: Vec<rest::Group> = self.api.get("/api/opwire/v1/groups".to_owned(), Resource::Group).await?;
        let keepers = groups
            .iter()
            .filter(|group| matches!(group.kind.as_str(), group_type::OWNERS | group_type::ADMINISTRATORS));
        let holders: Vec<_> = keepers
            .filter_map(|group| {
                let public_key = group.pub_key.as_ref()?;
                Some(Holder { kind: accessor_type::GROUP, id: &group.uuid, public_key })
            })
            .collect();
        let maker = Maker { host: self.host() };
        let made = maker.group(group_type::USER_DEFINED, name, description, &holders, new_keys()?).await?;
        self.api.mutate(HttpMethod::Post, "/api/opwire/v1/groups", &made, Resource::Group).await?;
        Ok(made.uuid)
    }

    /// Deletes a group that somebody made. Its members lose what they had by it.
    ///
    /// # Errors
    /// This user is no administrator, or the group comes with the account.
    pub async fn delete_group(&self, group_id: &str) -> Result<()> {
        ids::check("group_id", group_id)?;
        self.api.delete(&format!("/api/opwire/v1/groups/{group_id}"), Resource::Group).await
    }
}
