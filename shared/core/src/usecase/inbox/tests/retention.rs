//! For how long messages are kept.

use super::*;
use jiff::SignedDuration;

#[tokio::test]
async fn messages_are_kept_for_their_tenants_days_and_older_history_is_not_stored() {
    let mut world = World::new();
    world.take_in(&[Update::Message(received("A1", 1, "agora"))]).await;
    world.store_sent(&sent("B1", 2)).await;
    let month = SignedDuration::from_hours(30 * 24);
    // The clock's own time.
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let aged = |id: &str, age| Message { at: now - age, ..received(id, 0, "antes") };
    let messages = vec![aged("C1", month - SignedDuration::from_secs(1)), aged("C2", month)];
    world.take_in(&[Update::History { chats: Vec::new(), messages, contacts: Vec::new() }]).await;
    let ends = |key| world.chats.kept_until(&number(), &key);
    assert_eq!(ends(received("A1", 1, "").key), Some(second(1) + month));
    assert_eq!(ends(sent("B1", 2).key), Some(second(2) + month));
    assert_eq!(ends(received("C1", 1, "").key), Some(now + SignedDuration::from_secs(1)));
    assert_eq!(ends(received("C2", 1, "").key), None, "it was over when it came");
}
