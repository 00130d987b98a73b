//! Logging in by password.

use super::*;
use crate::password::CHECKS;
use jiff::SignedDuration;

#[tokio::test]
async fn who_has_no_password_does_not_log_in_by_one() {
    let w = world();
    let without = Registration { password: None, ..registration("ana", "5511988887777") };
    w.register.register(without).await.unwrap();
    assert_eq!(w.log_in("ana", password("senha123")).await, Err(Code::WrongCredentials));
    assert_eq!(w.log_in("ana", password("a password of nobody")).await, Err(Code::WrongCredentials));
}

#[tokio::test]
async fn a_login_takes_the_same_work_whoever_it_is_and_whatever_is_typed() {
    let w = world();
    w.made("ana", "5511988887777").await;
    let without = Registration { password: None, ..registration("bia", "5511988887778") };
    w.register.register(without).await.unwrap();
    for (login, given) in [
        ("ana", password("senha123")),
        ("ana", password("senha124")),
        ("ana", None),
        ("bia", password("senha123")),
        ("ninguém", password("senha123")),
        ("ninguém", None),
        ("", password("senha123")),
        ("", None),
    ] {
        CHECKS.set(0);
        w.accounts.switch.asked();
        w.rates.switch.asked();
        let _ = w.log_in(login, given).await;
        assert_eq!(CHECKS.get(), 1, "a password is hashed once for {login:?}");
        let looked_up = w.accounts.switch.asked().len();
        assert_eq!(looked_up, usize::from(!login.is_empty()), "{login:?}");
        let counted = w.rates.switch.asked().iter().filter(|operation| *operation == "admit").count();
        assert_eq!(counted, usize::from(!login.is_empty()), "{login:?}");
    }
}

#[tokio::test]
async fn passwords_of_one_login_are_tried_so_often_whoever_it_is() {
    let w = world();
    w.made("ana", "5511988887777").await;
    for login in ["ana", "ninguém"] {
        for _ in 0..10 {
            assert_eq!(w.log_in(login, password("senha124")).await, Err(Code::WrongCredentials), "{login}");
        }
        CHECKS.set(0);
        let held = w.remove.log_in.by_password(login.to_uppercase().parse().ok(), password("senha123"));
        let held = held.await.unwrap_err();
        assert_eq!(
            (held.code(), held.retry_after()),
            (Code::RateLimited, Some(SignedDuration::from_secs(30)))
        );
        assert_eq!(CHECKS.get(), 0, "nothing is hashed for {login}");
    }
    assert_eq!(w.log_in("bia", password("senha123")).await, Err(Code::WrongCredentials), "another one's");
    w.clock.advance(SignedDuration::from_secs(30));
    assert!(w.log_in("ana", password("senha123")).await.is_ok());
}

#[tokio::test]
async fn right_passwords_are_not_counted_and_uncounted_ones_not_looked_at() {
    let w = world();
    w.made("ana", "5511988887777").await;
    for _ in 0..15 {
        assert!(w.log_in("ana", password("senha123")).await.is_ok());
    }
    w.rates.switch.fail_in("give_back");
    assert!(w.log_in("ana", password("senha123")).await.is_ok());
    w.rates.switch.fail();
    assert_eq!(w.log_in("ana", password("senha123")).await, Err(Code::Unavailable));
}
