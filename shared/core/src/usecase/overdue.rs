//! When a pending send is looked at again, and when it is given up.

use crate::send::{Send, Status};
use jiff::{SignedDuration, Timestamp};

/// How long the session task is left alone with a send that it has taken. Within it, a send may be on the wire, so it is
/// neither failed nor handed over again; the shard's queue itself repeats what a crashed task did not finish.
pub(crate) const IN_HAND: SignedDuration = SignedDuration::from_mins(15);
/// After how long a sweep looks at a send that `dispatch` has not seen: its signal was lost.
pub(crate) const UNSEEN: SignedDuration = SignedDuration::from_secs(60);
/// How long after a send was handed over a sweep looks at it again, the first time.
const FIRST: SignedDuration = SignedDuration::from_mins(15);
/// The longest time between two looks.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

/// What the time means for a pending send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// It may still be sent.
    No,
    /// The session task took it a moment ago: leave it alone until then.
    InHand(Timestamp),
    /// It must not be sent any more.
    Yes,
}

/// Whether a pending send is over its time.
pub(crate) fn overdue(send: &Send, now: Timestamp) -> Overdue {
    if let (Status::Processing, Some(taken_at)) = (send.status, send.processing_at) {
        let until = taken_at.saturating_add(IN_HAND).unwrap_or(Timestamp::MAX);
        if now < until {
            return Overdue::InHand(until);
        }
    }
    if now < send.expires_at { Overdue::No } else { Overdue::Yes }
}

/// When to look again at a send that is handed over now and was put back `requeues` times: after 15 minutes, then 15, 30, 60
/// and so on to 6 hours, but not after its expiry.
pub(crate) fn next_sweep(send: &Send, requeues: u32, now: Timestamp) -> Timestamp {
    let doublings = requeues.saturating_sub(1).min(16);
    let wait = (FIRST * (1i32 << doublings)).min(LONGEST);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX).min(send.expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usecase::fixture::World;
    use proptest::prelude::*;

    async fn a_send() -> Send {
        World::new().await.accept("Olá", None).await.unwrap().send
    }

    fn mins(minutes: i64) -> SignedDuration {
        SignedDuration::from_mins(minutes)
    }

    #[tokio::test]
    async fn looks_again_less_and_less_often_and_at_the_expiry() {
        let send = a_send().await;
        let waits =
            (0..9).map(|n| next_sweep(&send, n, send.queued_at).duration_since(send.queued_at).as_mins());
        assert_eq!(waits.collect::<Vec<_>>(), [15, 15, 30, 60, 120, 240, 360, 360, 360]);
        assert_eq!(next_sweep(&send, 0, send.expires_at - mins(1)), send.expires_at);
        assert_eq!(next_sweep(&send, u32::MAX, send.queued_at), send.queued_at + mins(360));
    }

    #[tokio::test]
    async fn a_send_that_was_just_taken_is_not_given_up() {
        let mut send = a_send().await;
        let expiry = send.expires_at;
        assert_eq!(overdue(&send, expiry - mins(1)), Overdue::No);
        assert_eq!(overdue(&send, expiry), Overdue::Yes);
        send.status = Status::Processing;
        send.processing_at = Some(expiry - mins(1));
        assert_eq!(overdue(&send, expiry), Overdue::InHand(expiry + mins(14)));
        assert_eq!(overdue(&send, expiry + mins(14)), Overdue::Yes);
        send.processing_at = Some(send.queued_at);
        assert_eq!(overdue(&send, send.queued_at + mins(15)), Overdue::No, "its task has died");
    }

    proptest! {
        #[test]
        fn a_look_is_always_later_but_never_after_the_expiry(requeues: u32, after in 0i64..86_400) {
            let send = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(a_send());
            let now = send.queued_at + SignedDuration::from_secs(after);
            let next = next_sweep(&send, requeues, now);
            prop_assert!(now < next && next <= send.expires_at);
        }
    }
}
