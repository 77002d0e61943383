//! Whether a person may sign in.

use crate::{client::Client, error::Result, ids, transport::Resource};

impl Client {
    /// Keeps a person out until it is reactivated, and ends its sessions. Its data stays.
    ///
    /// # Errors
    /// This user is no administrator, or there is no such person.
    pub async fn suspend_user(&self, user_id: &str) -> Result<()> {
        self.user_action(user_id, "suspend").await
    }

    /// Lets a suspended person in again.
    ///
    /// # Errors
    /// This user is no administrator, or there is no such person.
    pub async fn reactivate_user(&self, user_id: &str) -> Result<()> {
        self.user_action(user_id, "reactivate").await
    }

    async fn user_action(&self, user_id: &str, action: &str) -> Result<()> {
        ids::check("user_id", user_id)?;
        self.api.post(&format!("/api/opwire/v1/users/{user_id}/{action}"), Resource::User).await
    }
}
