//! The conflict loop: a change that lost to another client's is made again, on the state that is stored then.
//! docs/decisions/0062 says why.

use std::time::Duration;

use crate::{
    error::{ErrorKind, Result},
    wire::session::Connection,
};

/// After how many conflicts a change fails.
const MAX_CONFLICTS: u32 = 12;
/// The wait after a first conflict is at most as long as the attempt took, or as this, if the attempt was shorter.
const SHORTEST_ROUND: Duration = Duration::from_millis(10);
/// How often a further conflict doubles the longest wait.
const MAX_DOUBLINGS: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Makes a change, again after each conflict, until it succeeds or there are too many conflicts. A conflict means that
/// another client changed the same data between the attempt's read and its write.
pub(crate) async fn until_settled<T, F: Future<Output = Result<T>>>(
    connection: &Connection,
    attempt: impl Fn() -> F,
) -> Result<T> {
    let host = &connection.host;
    for conflicts in 0..MAX_CONFLICTS {
        let began = host.now_millis();
        match attempt().await {
            Err(error) if error.kind() == ErrorKind::Conflict => {
                let round = Duration::from_millis(host.now_millis().saturating_sub(began));
                host.sleep(wait(conflicts, round, u16::from_be_bytes(connection.random()))).await;
            }
            settled => return settled,
        }
    }
    attempt().await
}

/// Returns a random wait, so that one of the conflicting clients succeeds. The longest wait grows with the duration of
/// an attempt, because clients on a slow line need longer waits to avoid each other.
fn wait(conflicts: u32, round: Duration, random: u16) -> Duration {
    let longest = round.max(SHORTEST_ROUND).saturating_mul(1 << conflicts.min(MAX_DOUBLINGS)).min(LONGEST_WAIT);
    longest * u32::from(random) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_fit_the_queue_grow_and_end() {
        let ms = Duration::from_millis;
        assert_eq!(wait(0, ms(130), u16::MAX), ms(130));
        assert_eq!(wait(2, ms(130), u16::MAX), ms(520));
        assert_eq!(wait(2, ms(130), 0), ms(0));
        assert_eq!(wait(0, ms(0), u16::MAX), SHORTEST_ROUND, "a clock that has stopped");
        assert_eq!(wait(40, ms(10), u16::MAX), ms(320));
        assert_eq!(wait(40, Duration::MAX, u16::MAX), LONGEST_WAIT);
    }
}
