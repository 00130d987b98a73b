//! A session is paired, or connects again.

use super::*;

#[tokio::test]
async fn a_new_session_shows_a_qr_as_soon_as_there_is_one() {
    let w = world();
    w.will_report(2, PairingState::Waiting, true);
    assert!(matches!(w.authenticate().await, Ok(Authentication::Scan(_))));
    assert_eq!(w.sleeper.slept().len(), 3);
    let pairing = w.pairing();
    assert_eq!((pairing.session, pairing.max_workers, pairing.wanted), (name(), 2, true));
    assert_eq!(w.commands(), [ShardCommand::Pair { pairing: pairing.id }]);
    assert_eq!(w.commands.pushed()[0].shard, Shard::of_pairing(pairing.id, ShardCount::new(16).unwrap()));
    assert!(matches!(w.v1.qr(ana().id, &name()).await, Ok(SessionQr::Scan(_))));
    assert_eq!(w.v1.state(ana().id, &name()).await.unwrap(), v1::State::Unpaired);

    // Asked again, it is the same pairing.
    assert!(matches!(w.authenticate().await, Ok(Authentication::Scan(_))));
    assert_eq!(w.pairing().id, pairing.id);
    w.clock.advance(SignedDuration::from_secs(60));
    assert!(matches!(w.v1.qr(ana().id, &name()).await, Ok(SessionQr::None)), "it has expired");
}

#[tokio::test]
async fn who_waits_for_nothing_is_told_to_ask_again() {
    let w = world();
    let before = w.clock.now();
    assert!(matches!(w.authenticate().await, Ok(Authentication::Underway)));
    let waited = w.clock.now().duration_since(before);
    assert!(waited >= SignedDuration::from_secs(8) && waited < SignedDuration::from_secs(9));
    assert_eq!(w.v1.state(ana().id, &name()).await.unwrap(), v1::State::Opening);
}

#[tokio::test]
async fn a_scanned_session_is_connected_once_its_number_is() {
    let w = world();
    w.will_report(0, PairingState::Linking(phone()), false);
    let (links, named, pairings, clock) =
        (w.links.clone(), w.named.clone(), w.pairings.clone(), w.clock.clone());
    w.sleeper.during(1, move || {
        // The ports in memory never wait.
        let id = named.peek(ana().id, &name()).unwrap().pairing.unwrap();
        let done = async {
            let wanted = Desired::Connected(PairingMethod::Qr);
            links.want(&phone(), ana().id, shard(), wanted, clock.now()).await.unwrap();
            named.set_number(ana().id, &name(), id, &phone()).await.unwrap();
        };
        let mut done = std::pin::pin!(done);
        let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(done.as_mut().poll(&mut nobody).is_ready());
        let paired = PairingReport { state: PairingState::Paired(phone()), qr: None };
        pairings.report_now(id, Epoch::FIRST, &paired, clock.now()).unwrap();
    });
    let (links, clock) = (w.links.clone(), w.clock.clone());
    w.sleeper.during(4, move || {
        let state = LinkState::Connected;
        let up = LinkReport { state, reason: None, qr: None, code: None, jid: None };
        links.report_now(&phone(), Epoch::FIRST, &up, clock.now()).unwrap();
    });
    assert!(matches!(w.authenticate().await, Ok(Authentication::Connected)));
    assert_eq!(w.sleeper.slept().len(), 5);
    assert!(matches!(w.v1.qr(ana().id, &name()).await, Ok(SessionQr::Connected)));
    assert_eq!(w.v1.state(ana().id, &name()).await.unwrap(), v1::State::Connected);
}

#[tokio::test]
async fn a_pairing_that_fails_says_why() {
    for (state, code) in [
        (PairingState::Taken(phone()), Code::WorkerTaken),
        (PairingState::NoRoom(phone()), Code::PlanWorkerLimit),
        (PairingState::Failed("WHATSAPP_403".into()), Code::LinkFailed),
    ] {
        let w = world();
        w.will_report(0, state, false);
        assert_eq!(w.authenticate().await.unwrap_err(), code);
        // It does not stand in the way of the next.
        let failed = w.pairing().id;
        w.will_report(1, PairingState::Waiting, true);
        assert!(matches!(w.authenticate().await, Ok(Authentication::Scan(_))));
        assert_ne!(w.pairing().id, failed);
    }
}

#[tokio::test]
async fn what_expired_begins_anew_within_the_request() {
    let w = world();
    w.will_report(0, PairingState::Waiting, true);
    w.authenticate().await.unwrap();
    let first = w.pairing().id;
    // Joined while its last QR is over, and then it ends.
    w.clock.advance(SignedDuration::from_secs(60));
    w.will_report(1, PairingState::Expired, false);
    w.will_report(2, PairingState::Waiting, true);
    assert!(matches!(w.authenticate().await, Ok(Authentication::Scan(_))));
    assert_ne!(w.pairing().id, first);
}

#[tokio::test]
async fn of_two_who_begin_at_once_one_pairing_stays() {
    let w = world();
    w.named.open(ana().id, &name(), w.clock.now()).await.unwrap();
    let seen = w.v1.see(ana().id, &name()).await.unwrap().unwrap();
    w.will_report(0, PairingState::Waiting, true);
    w.authenticate().await.unwrap();
    let first = w.pairing().id;
    // The other read the session before.
    let mut patience = Patience::new(&*w.v1.sessions.clock, &*w.v1.sleeper);
    let second = w.v1.pair(&ana(), seen, &mut patience).await;
    assert!(matches!(second, Ok(Authentication::Scan(_))));
    assert_eq!(w.pairing().id, first);
    let pairs: Vec<_> = w.commands();
    assert_eq!(
        pairs,
        [ShardCommand::Pair { pairing: first }],
        "nobody is told of the one that was taken back"
    );
}

#[tokio::test]
async fn a_session_with_a_device_connects_without_a_qr() {
    let w = world();
    w.paired(LinkState::Connected).await;
    assert!(matches!(w.authenticate().await, Ok(Authentication::Connected)));
    for (state, desired) in [
        (LinkState::Replaced, Desired::Connected(PairingMethod::Qr)),
        (LinkState::Offline, Desired::Disconnected),
    ] {
        w.links.want(&phone(), ana().id, shard(), desired, w.clock.now()).await.unwrap();
        w.link_reports(state, true);
        let (links, clock, slept) = (w.links.clone(), w.clock.clone(), w.sleeper.slept().len());
        w.sleeper.during(slept + 1, move || {
            let state = LinkState::Connected;
            let up = LinkReport { state, reason: None, qr: None, code: None, jid: None };
            links.report_now(&phone(), Epoch::FIRST, &up, clock.now()).unwrap();
        });
        assert!(matches!(w.authenticate().await, Ok(Authentication::Connected)), "{state:?}");
        assert_eq!(w.commands().last(), Some(&ShardCommand::Align { number: phone() }));
        assert!(w.links.peek(&phone()).unwrap().desired.is_connected());
    }
}

#[tokio::test]
async fn a_device_that_was_logged_out_is_paired_anew() {
    let w = world();
    w.paired(LinkState::LoggedOut).await;
    let (first, slept) = (w.pairing().id, w.sleeper.slept().len());
    w.will_report(slept, PairingState::Waiting, true);
    assert!(matches!(w.authenticate().await, Ok(Authentication::Scan(_))));
    assert_ne!(w.pairing().id, first);
}

#[tokio::test]
async fn another_tenants_session_is_another_one() {
    let w = world();
    w.paired(LinkState::Connected).await;
    let bia = tenant(2, None);
    assert_eq!(w.v1.state(bia.id, &name()).await.unwrap(), v1::State::Unlaunched);
    assert!(matches!(w.v1.qr(bia.id, &name()).await, Ok(SessionQr::None)));
    assert!(!w.v1.log_out(bia.id, &name()).await.unwrap());
    assert!(w.v1.list(bia.id).await.unwrap().is_empty());
    assert_eq!(w.v1.list(ana().id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_outage_is_told_as_one() {
    let w = world();
    w.named.switch.fail();
    assert_eq!(w.authenticate().await.unwrap_err(), Code::Unavailable);
    w.named.switch.recover();
    w.pairings.switch.fail();
    assert_eq!(w.authenticate().await.unwrap_err(), Code::Unavailable);
    w.pairings.switch.recover();
    w.commands.switch.fail();
    assert_eq!(w.authenticate().await.unwrap_err(), Code::Unavailable);
    // The pairing is there; the next request tells its owner again.
    w.commands.switch.recover();
    w.will_report(0, PairingState::Waiting, true);
    assert!(matches!(w.authenticate().await, Ok(Authentication::Scan(_))));
    assert_eq!(w.commands(), [ShardCommand::Pair { pairing: w.pairing().id }]);
}

#[tokio::test]
async fn a_tenant_has_only_so_many_sessions() {
    let world = world();
    let session = |number: usize| format!("Sessão {number}").parse::<SessionName>().unwrap();
    // Two workers and fifty more.
    for number in 0..52 {
        world.named.open(ana().id, &session(number), world.clock.now()).await.unwrap();
    }
    assert_eq!(world.authenticate().await.unwrap_err(), Code::PlanWorkerLimit);
    assert!(world.named.peek(ana().id, &name()).is_none() && world.commands.pushed().is_empty());
    // Those that are there go on, another tenant's are its own, and who leaves one has room for another.
    assert!(world.v1.authenticate(&ana(), &session(7)).await.is_ok());
    assert!(world.v1.authenticate(&tenant(2, None), &name()).await.is_ok());
    assert!(world.v1.log_out(ana().id, &session(7)).await.unwrap());
    assert!(world.authenticate().await.is_ok());
}
