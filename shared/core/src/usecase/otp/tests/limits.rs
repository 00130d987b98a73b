//! Codes are not asked for, and not tried, without end.

use super::*;

#[tokio::test]
async fn an_address_gets_three_codes_at_once_and_then_one_each_half_minute() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    w.register(&[w.mailed()]).await.unwrap();
    w.clock.advance(SignedDuration::from_hours(1));
    // It is the same for who has an account, from wherever it comes, and for who has none.
    for address in [email(), somebody(1), phone()] {
        for n in 0..3 {
            assert_eq!(w.held(&address, elsewhere(n)).await, None);
        }
        assert_eq!(w.held(&address, elsewhere(9)).await, Some(SignedDuration::from_secs(30)));
    }
    w.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(w.held(&email(), home()).await, None);
    assert_eq!(w.held(&email(), home()).await, Some(SignedDuration::from_secs(30)));
}

#[tokio::test]
async fn an_address_gets_no_more_than_ten_codes_in_an_hour() {
    let w = world();
    let mut sent = 0;
    for second in 0..3_600 {
        if w.held(&email(), elsewhere(second % 200)).await.is_none() {
            sent += 1;
        }
        w.clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(sent, 9, "five, and one each twelve minutes");
    assert!(w.held(&somebody(1), home()).await.is_none(), "another address is not held back");
}

#[tokio::test]
async fn a_source_is_held_back_over_all_addresses() {
    let w = world();
    for n in 0..30 {
        assert_eq!(w.held(&somebody(n), home()).await, None);
    }
    assert_eq!(w.held(&somebody(30), home()).await, Some(SignedDuration::from_secs(10)));
    assert_eq!(w.held(&somebody(30), elsewhere(1)).await, None);
}

#[tokio::test]
async fn an_account_is_held_back_over_its_addresses_and_nobody_is_told() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    w.request(Purpose::Register, &phone()).await;
    w.register(&[w.mailed(), w.texted()]).await.unwrap();
    w.clock.advance(SignedDuration::from_hours(3));
    let mut seen = Vec::new();
    for address in [email(), phone()].iter().cycle().take(10) {
        seen.push(w.request(Purpose::Login, address).await);
        w.clock.advance(SignedDuration::from_secs(15));
    }
    let (sent, held) = seen.split_at(8);
    assert!(sent.iter().all(|requested| *requested == Requested::Sent), "{seen:?}");
    assert!(held.iter().all(|requested| *requested == Requested::Held), "{seen:?}");
    assert_eq!(w.mailer.mails().len() + w.messenger.texts().len(), 2 + 8, "no code went out");
}

#[tokio::test]
async fn a_source_has_so_many_tries_over_all_codes() {
    let w = world();
    for n in 0..30 {
        let tried = w.log_in(&w.proof(somebody(n), "000000")).await;
        assert_eq!(tried, Err(ErrorCode::OtpExpired));
    }
    assert_eq!(w.log_in(&w.proof(somebody(30), "000000")).await, Err(ErrorCode::RateLimited));
    assert_eq!(w.register(&[w.proof(email(), "000000")]).await, Err(ErrorCode::RateLimited));
    w.clock.advance(SignedDuration::from_secs(2));
    assert_eq!(w.log_in(&w.proof(somebody(30), "000000")).await, Err(ErrorCode::OtpExpired));
}

#[tokio::test]
async fn a_refused_request_uses_up_no_later_limit() {
    let w = world();
    for _ in 0..3 {
        assert_eq!(w.held(&email(), home()).await, None);
    }
    for _ in 0..20 {
        assert!(w.held(&email(), home()).await.is_some());
    }
    w.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(w.held(&email(), elsewhere(1)).await, None, "the hour still has two");
    assert_eq!(w.held(&email(), elsewhere(1)).await, None);
}

#[tokio::test]
async fn codes_are_not_sent_uncounted() {
    let w = world();
    w.rates.switch.fail();
    let requested = w.otp.request(Purpose::Register, &email(), home(), &w.keys[0]).await;
    assert_eq!(requested.unwrap_err().code(), ErrorCode::Unavailable);
    assert!(w.mailer.mails().is_empty());
}
