//! The conflict loop: a change that others came before is made again, on what is stored then.

use std::time::Duration;

use crate::{
    error::{ErrorKind, Result},
    wire::session::Connection,
};

/// How often a change gives way to those of other clients.
const MAX_CONFLICTS: u32 = 12;
/// The longest wait that is due after a first conflict is as long as the attempt, and no shorter than this.
const SHORTEST_ROUND: Duration = Duration::from_millis(10);
/// Each conflict doubles the longest wait, so often.
const MAX_DOUBLINGS: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Those that one change has met.
pub(crate) struct Conflicts<'a> {
    connection: &'a Connection,
    met: u32,
    /// When the attempt under way began, in milliseconds.
    began: u64,
}

impl<'a> Conflicts<'a> {
    /// Before the first attempt.
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self { connection, met: 0, began: connection.host.now_millis() }
    }

    /// How the change ended; `None` when somebody came between the attempt's reading and its writing, and the next is due.
    pub(crate) async fn settled<T>(&mut self, attempt: Result<T>) -> Option<Result<T>> {
        let is_conflict = attempt.as_ref().is_err_and(|error| error.kind() == ErrorKind::Conflict);
        if !is_conflict || self.met >= MAX_CONFLICTS {
            return Some(attempt);
        }
        let host = &self.connection.host;
        let round = Duration::from_millis(host.now_millis().saturating_sub(self.began));
        host.sleep(wait(self.met, round, u16::from_be_bytes(self.connection.random()))).await;
        self.met += 1;
        self.began = host.now_millis();
        None
    }
}

/// Makes a change until nobody comes between its reading and its writing, or too many did.
pub(crate) async fn until_settled<T, F: Future<Output = Result<T>>>(
    connection: &Connection,
    attempt: impl Fn() -> F,
) -> Result<T> {
    let mut conflicts = Conflicts::new(connection);
    loop {
        if let Some(settled) = conflicts.settled(attempt().await).await {
            return settled;
        }
    }
}

/// A random time, so that one of those who are at odds gets through. Who came between did so while this attempt, of some
/// round trips, was on its way: on a slow line it takes longer waits to come apart.
fn wait(conflicts: u32, round: Duration, chance: u16) -> Duration {
    let longest = round.max(SHORTEST_ROUND).saturating_mul(1 << conflicts.min(MAX_DOUBLINGS)).min(LONGEST_WAIT);
    longest * u32::from(chance) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_suit_the_line_grow_and_end() {
        let ms = Duration::from_millis;
        assert_eq!(wait(0, ms(130), u16::MAX), ms(130));
        assert_eq!(wait(2, ms(130), u16::MAX), ms(520));
        assert_eq!(wait(2, ms(130), 0), ms(0));
        assert_eq!(wait(0, ms(0), u16::MAX), SHORTEST_ROUND, "a clock that stands still");
        assert_eq!(wait(40, ms(10), u16::MAX), ms(320));
        assert_eq!(wait(40, Duration::MAX, u16::MAX), LONGEST_WAIT);
    }
}
