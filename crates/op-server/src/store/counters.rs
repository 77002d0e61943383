//! Counters of a fixed time window, shared by all processes over one store.

use super::{Result, Store, to_u32};

/// A count that this process has not yet added to the store.
pub(crate) struct Increment {
    pub(crate) name: String,
    /// When the window ends, Unix seconds; names the window.
    pub(crate) ends_at: i64,
    pub(crate) by: u32,
}

impl Store {
    /// The stored count of a window.
    pub(crate) async fn counter(&self, name: &str, ends_at: i64) -> Result<u32> {
        let count: Option<i64> = sqlx::query_scalar("SELECT count FROM counters WHERE name = $1 AND ends_at = $2")
            .bind(name)
            .bind(ends_at)
            .fetch_optional(&self.volatile.reader)
            .await?;
        to_u32(count.unwrap_or(0))
    }

    /// Adds increments in one transaction, and returns the new totals in the same order.
    pub(crate) async fn add_to_counters(&self, increments: &[Increment]) -> Result<Vec<u32>> {
        let mut tx = self.begin(&self.volatile).await?;
        let mut totals = Vec::with_capacity(increments.len());
        for increment in increments {
            let total = sqlx::query_scalar(
                "INSERT INTO counters (name, ends_at, count) VALUES ($1, $2, $3)
                 ON CONFLICT (name, ends_at) DO UPDATE SET count = counters.count + excluded.count RETURNING count",
            )
            .bind(&increment.name)
            .bind(increment.ends_at)
            .bind(i64::from(increment.by))
            .fetch_one(&mut *tx)
            .await?;
            totals.push(to_u32(total)?);
        }
        tx.commit().await?;
        Ok(totals)
    }
}
