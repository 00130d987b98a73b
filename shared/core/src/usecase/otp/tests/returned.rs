//! Mail that came back, and arrives again.

use super::*;
use crate::mail::{MailReturned, WhyReturned};
use crate::ports::Accounts;
use crate::usecase::{NoteReturnedMail, ReturnedTo};

const BOUNCE: MailReturned = MailReturned { why: WhyReturned::Bounce, at: jiff::Timestamp::UNIX_EPOCH };

async fn registered(w: &World) -> User {
    w.request(Purpose::Register, &email()).await;
    w.request(Purpose::Register, &phone()).await;
    w.register(&[w.mailed(), w.texted()]).await.unwrap()
}

async fn noted(w: &World, user: &User) -> Option<MailReturned> {
    w.accounts.find(user.id).await.unwrap().unwrap().mail_returned
}

#[tokio::test]
async fn a_code_by_mail_that_was_used_says_that_mail_arrives_and_one_by_sms_does_not() {
    let w = world();
    let user = registered(&w).await;
    let note = NoteReturnedMail { accounts: w.accounts.clone() };
    let address = "ana@exemplo.com".parse().unwrap();
    assert_eq!(note.note(&address, BOUNCE).await, Ok(ReturnedTo::Tenant(user.id)));
    assert_eq!(noted(&w, &user).await, Some(BOUNCE));

    w.request(Purpose::Login, &phone()).await;
    assert_eq!(w.log_in(&w.texted()).await.unwrap().mail_returned, Some(BOUNCE));
    assert_eq!(noted(&w, &user).await, Some(BOUNCE));
    w.request(Purpose::Login, &email()).await;
    assert_eq!(w.log_in(&w.proof(email(), "000000")).await, Err(ErrorCode::InvalidOtp));
    assert_eq!(noted(&w, &user).await, Some(BOUNCE), "nobody showed that it arrives");
    assert_eq!(w.log_in(&w.mailed()).await, Ok(user.clone()));
    assert_eq!(noted(&w, &user).await, None);
}

#[tokio::test]
async fn mail_to_nobody_is_noted_nowhere_and_an_outage_is_told() {
    let w = world();
    let note = NoteReturnedMail { accounts: w.accounts.clone() };
    let address = "ana@exemplo.com".parse().unwrap();
    assert_eq!(note.note(&address, BOUNCE).await, Ok(ReturnedTo::Nobody));
    w.accounts.switch.fail();
    assert!(note.note(&address, BOUNCE).await.is_err());
}
