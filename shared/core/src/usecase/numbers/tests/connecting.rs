//! Connecting a number, by QR and by code.

use super::*;

#[tokio::test]
async fn connecting_waits_for_the_qr() {
    let (w, ana) = (world(), user(1));
    w.change.add(&ana, &worker(1)).await.unwrap();
    w.will_report(1, 1, report(LinkState::Connecting, None));
    w.will_report(3, 1, report(LinkState::Pairing, Some(w.qr(60))));
    assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Scan(..))));
    assert_eq!(w.sleeper.slept().len(), 4);
    assert_eq!(w.commands.pushed().len(), 1);
    assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Scan(..))), "the same, at once");
    assert_eq!((w.sleeper.slept().len(), w.commands.pushed().len()), (4, 1));
    w.reports(1, report(LinkState::Connected, None));
    assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Connected(_))));
}

#[tokio::test]
async fn connecting_gives_up_after_eight_seconds() {
    let (w, ana) = (world(), user(1));
    w.change.add(&ana, &worker(1)).await.unwrap();
    let began = w.clock.now();
    assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Underway(_))));
    let took = w.clock.now().duration_since(began);
    assert!(took >= SignedDuration::from_secs(8) && took < SignedDuration::from_secs(9), "{took:?}");
    assert!(w.sleeper.slept().iter().all(|wait| (100..=500).contains(&wait.as_millis())));
}

#[tokio::test]
async fn an_old_failure_is_waited_out_and_a_new_one_told() {
    let (w, ana) = (world(), user(1));
    w.paired_worker(&ana, 1).await;
    w.reports(1, report(LinkState::QrExpired, None));
    w.clock.advance(SignedDuration::from_secs(60));
    w.will_report(0, 1, report(LinkState::Pairing, Some(w.qr(60))));
    assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Scan(..))));
    w.clock.advance(SignedDuration::from_secs(61));
    w.will_report(1, 1, report(LinkState::WrongNumber, None));
    let refused = w.connect.connect(ana.id, &phone(1), PairingMethod::Qr).await.unwrap_err();
    assert_eq!(refused.code(), Code::LinkFailed);
    assert!(refused.description().contains("wrong_number"));
}

#[tokio::test]
async fn what_asking_again_repairs_is_asked_again() {
    for state in [LinkState::QrExpired, LinkState::CodeExpired, LinkState::LoggedOut] {
        let (w, ana) = (world(), user(1));
        w.change.add(&ana, &worker(1)).await.unwrap();
        w.will_report(1, 1, report(LinkState::Connecting, None));
        w.will_report(3, 1, report(state, None));
        w.will_report(5, 1, report(LinkState::Pairing, Some(w.qr(60))));
        assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Scan(..))), "{state:?}");
        let pushed = w.commands.pushed();
        assert_eq!(pushed.len(), 2, "{state:?}: once for the wish, once for the repair");
        assert_ne!(pushed[0].dedup, pushed[1].dedup);
    }
}

#[tokio::test]
async fn what_a_person_has_to_mend_is_told() {
    let refused = [
        LinkState::CodeRefused,
        LinkState::PasskeyAsked,
        LinkState::Replaced,
        LinkState::Banned,
        LinkState::WrongNumber,
    ];
    for state in refused {
        let (w, ana) = (world(), user(1));
        w.change.add(&ana, &worker(1)).await.unwrap();
        w.will_report(1, 1, report(state, None));
        assert_eq!(w.connects(&ana, 1).await.err(), Some(Code::LinkFailed), "{state:?}");
        w.will_report(w.sleeper.slept().len(), 1, report(LinkState::Pairing, Some(w.qr(60))));
        assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Scan(..))), "{state:?}: asked again");
    }
}

#[tokio::test]
async fn connecting_by_code_waits_for_the_code() {
    let (w, ana) = (world(), user(1));
    w.change.add(&ana, &worker(1)).await.unwrap();
    let by_code = LinkReport { code: Some(w.code(60)), ..report(LinkState::Pairing, None) };
    w.will_report(2, 1, by_code);
    let Ok(Connection::Type(status, code)) = w.connects_by(&ana, 1, PairingMethod::Code).await else {
        panic!("a code")
    };
    assert_eq!((status.state, code.shown().as_str()), (LinkState::Pairing, "ABCD-1234"));
    assert_eq!(w.links.peek(&phone(1)).unwrap().desired, Desired::Connected(PairingMethod::Code));
    let again = w.connects_by(&ana, 1, PairingMethod::Code).await;
    assert!(matches!(again, Ok(Connection::Type(..))), "the same, at once");
    assert_eq!(w.commands.pushed().len(), 1);

    // The code is no answer to who asks for a QR, which is another wish and so another command.
    w.will_report(3, 1, report(LinkState::Pairing, Some(w.qr(60))));
    assert!(matches!(w.connects(&ana, 1).await, Ok(Connection::Scan(..))));
    assert_eq!(w.links.peek(&phone(1)).unwrap().desired, Desired::Connected(PairingMethod::Qr));
    assert_eq!(w.commands.pushed().len(), 2);
    w.reports(1, report(LinkState::Restricted, None));
    let up = w.connects_by(&ana, 1, PairingMethod::Code).await;
    assert!(matches!(up, Ok(Connection::Connected(_))), "connected is connected");
    assert_eq!(w.commands.pushed().len(), 2);
}

#[tokio::test]
async fn an_expired_code_is_not_told() {
    let (w, ana) = (world(), user(1));
    w.change.add(&ana, &worker(1)).await.unwrap();
    w.will_report(0, 1, LinkReport { code: Some(w.code(0)), ..report(LinkState::Pairing, None) });
    let connection = w.connects_by(&ana, 1, PairingMethod::Code).await;
    assert!(matches!(connection, Ok(Connection::Underway(_))));
}

#[tokio::test]
async fn every_change_of_mind_is_a_command() {
    let (w, ana) = (world(), user(1));
    w.paired_worker(&ana, 1).await;
    for _ in 0..3 {
        w.connect.sessions.disconnect(ana.id, &phone(1)).await.unwrap();
        w.connects(&ana, 1).await.unwrap();
    }
    assert_eq!(w.commands.pushed().len(), 6);
}
