//! SMS cost money.

use super::*;

#[tokio::test]
async fn a_number_of_another_country_is_refused_before_anything_is_done() {
    let w = world();
    let abroad = Address::Phone("18765550100".parse().unwrap());
    for purpose in [Purpose::Login, Purpose::Register] {
        let refused = w.otp.request(purpose, &abroad, home(), &w.keys[0]).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::SmsCountry);
    }
    assert_eq!((w.challenges.count(), w.rates.switch.asked().len()), (0, 0));
}

fn mobile(n: u32) -> Address {
    Address::Phone(format!("55119{n:08}").parse().unwrap())
}

#[tokio::test]
async fn a_source_asks_for_fewer_sms_than_mails() {
    let w = world();
    for n in 0..10 {
        assert_eq!(w.held(&mobile(n), home()).await, None);
    }
    assert_eq!(w.held(&mobile(10), home()).await, Some(SignedDuration::from_mins(2)));
    assert_eq!((w.held(&mobile(10), elsewhere(1)).await, w.held(&email(), home()).await), (None, None));
}

#[tokio::test]
async fn all_sms_together_are_bounded_and_nobody_is_told() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    w.register(&[w.mailed()]).await.unwrap();
    let ask = async |purpose, n: u32| {
        let source = Source::parse(&format!("198.51.{}.{}", n / 200, n % 200));
        w.otp.request(purpose, &mobile(n), source, &w.keys[0]).await.unwrap()
    };
    for n in 0..50 {
        assert_eq!(ask(Purpose::Login, n).await, Requested::Nobody, "what is not sent uses nothing up");
    }
    for n in 50..60 {
        assert_eq!(ask(Purpose::Register, n).await, Requested::Sent);
    }
    assert_eq!(ask(Purpose::Register, 60).await, Requested::NoSmsLeft);
    assert_eq!((w.messenger.texts().len(), w.challenges.count()), (10, 61));
    assert_eq!(w.request(Purpose::Login, &email()).await, Requested::Sent, "mail goes on");
    w.clock.advance(SignedDuration::from_secs(90));
    assert_eq!(ask(Purpose::Register, 61).await, Requested::Sent);
    let asked = |requested: Requested| (requested, w.rates.switch.asked().join(" "));
    w.rates.switch.asked();
    let (nobody, somebody) = (asked(ask(Purpose::Login, 62).await), asked(ask(Purpose::Register, 63).await));
    assert_eq!((nobody.0, somebody.0), (Requested::Nobody, Requested::NoSmsLeft));
    assert_eq!(nobody.1, somebody.1, "the work is the same");
}
