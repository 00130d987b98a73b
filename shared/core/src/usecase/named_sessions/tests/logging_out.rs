//! A session is logged out, or loses its number.

use super::*;

#[tokio::test]
async fn logging_out_takes_the_number_along_and_can_be_repeated() {
    let w = world();
    w.paired(LinkState::Connected).await;
    w.commands.switch.fail();
    assert_eq!(w.v1.log_out(ana().id, &name()).await.unwrap_err().code(), Code::Unavailable);
    w.commands.switch.recover();
    assert!(w.v1.log_out(ana().id, &name()).await.unwrap());
    assert!(!w.v1.log_out(ana().id, &name()).await.unwrap());
    assert_eq!(w.links.peek(&phone()).unwrap().desired, Desired::Removed);
    assert_eq!(w.commands().last(), Some(&ShardCommand::Align { number: phone() }));
    assert_eq!(w.numbers.claim(&phone()).await.unwrap(), None);
    assert!(w.named.peek(ana().id, &name()).is_none());
    // Until the link is gone, its events still bear the session's name.
    let of = w.named.of_number(&phone()).await.unwrap();
    assert_eq!(of, Some((ana().id, name())));
}

#[tokio::test]
async fn logging_out_takes_a_pairing_back() {
    let w = world();
    w.will_report(0, PairingState::Waiting, true);
    w.authenticate().await.unwrap();
    let id = w.pairing().id;
    assert!(w.v1.log_out(ana().id, &name()).await.unwrap());
    assert!(!w.pairings.peek(id).unwrap().wanted);
    assert_eq!(w.commands(), [ShardCommand::Pair { pairing: id }, ShardCommand::Pair { pairing: id }]);
}

#[tokio::test]
async fn a_session_whose_number_was_removed_is_unpaired() {
    let w = world();
    w.paired(LinkState::Connected).await;
    w.links.want(&phone(), ana().id, shard(), Desired::Removed, w.clock.now()).await.unwrap();
    w.links.forget(&phone(), Epoch::FIRST).await.unwrap();
    w.named.unpair(&phone()).await.unwrap();
    assert_eq!(w.v1.state(ana().id, &name()).await.unwrap(), v1::State::Unpaired);
    assert!(matches!(w.v1.qr(ana().id, &name()).await, Ok(SessionQr::None)));
}
