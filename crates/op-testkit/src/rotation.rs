//! The rotation of a vault's key, done on the server's tables.

use op_core::Crypto;
use op_host::NativeCrypto;
use op_protocol::{envelope::Envelope, id, jwk::SymmetricKey, keyset::Keyset};
use sqlx::{Connection, SqliteConnection};

use crate::{
    TestAccount,
    account::host,
    bare::{Bare, Failure},
};

impl TestAccount {
    /// Gives the vault `Development` another key: what it holds is sealed anew, and all who have access get the new key.
    /// The content version rises, as with every change.
    ///
    /// # Errors
    /// The tables are not what this function knows.
    pub async fn rotate_vault_key(&self) -> Result<(), Failure> {
        let host = host();
        let old = Bare::sign_in(host.clone(), &self.token).await?.vault_key(&self.vault_id).await?;
        let (mut random, mut kid) = ([0; 32], [0; 16]);
        host.fill_random(&mut random);
        host.fill_random(&mut kid);
        let new = SymmetricKey::new(id::new_id(kid), random);
        let resealed = |text: &str| -> Result<String, Failure> {
            let plaintext = serde_json::from_str::<Envelope>(text)?.open(&old)?;
            let mut nonce = [0; 12];
            host.fill_random(&mut nonce);
            Ok(serde_json::to_string(&Envelope::seal(&new, nonce, &plaintext))?)
        };

        let url = format!("sqlite://{}", self.server.dir.join("opwire.db").display());
        let mut database = SqliteConnection::connect(&url).await?;
        let mut tx = database.begin().await?;
        let items: Vec<(String, String, String)> =
            sqlx::query_as("SELECT uuid, enc_overview, enc_details FROM items WHERE vault_uuid = ? AND trashed <> 'D'")
                .bind(&self.vault_id)
                .fetch_all(&mut *tx)
                .await?;
        for (item, overview, details) in items {
            sqlx::query("UPDATE items SET enc_overview = ?, enc_details = ?, encrypted_by = ? WHERE uuid = ?")
                .bind(resealed(&overview)?)
                .bind(resealed(&details)?)
                .bind(new.kid())
                .bind(item)
                .execute(&mut *tx)
                .await?;
        }
        let attributes: String = sqlx::query_scalar("SELECT enc_attrs FROM vaults WHERE uuid = ?")
            .bind(&self.vault_id)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query("UPDATE vaults SET enc_attrs = ?, content_version = content_version + 1 WHERE uuid = ?")
            .bind(resealed(&attributes)?)
            .bind(&self.vault_id)
            .execute(&mut *tx)
            .await?;
        let keysets: Vec<(String, String)> = sqlx::query_as(
            "SELECT k.user_uuid, k.body FROM keysets k JOIN vault_access a ON a.accessor_uuid = k.user_uuid
             WHERE a.vault_uuid = ?",
        )
        .bind(&self.vault_id)
        .fetch_all(&mut *tx)
        .await?;
        for (user, keyset) in keysets {
            let keyset: Keyset = serde_json::from_str(&keyset)?;
            let wrapped = NativeCrypto.rsa_oaep_encrypt(&keyset.pub_key, new.to_jwk_json().as_bytes()).await;
            let wrapped = Envelope::rsa(&keyset.uuid, &wrapped.map_err(|error| error.to_string())?);
            sqlx::query("UPDATE vault_access SET enc_vault_key = ? WHERE vault_uuid = ? AND accessor_uuid = ?")
                .bind(serde_json::to_string(&wrapped)?)
                .bind(&self.vault_id)
                .bind(user)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
