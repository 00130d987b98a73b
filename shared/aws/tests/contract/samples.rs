//! Values for tests. The time is a fixed one: no contract depends on the hour.

use carteiro_aws::OsRandom;
use carteiro_core::ids::{SendId, TokenId, UserId};
use carteiro_core::number::{OwnedNumber, Role};
use carteiro_core::password::PasswordHash;
use carteiro_core::phone::Phone;
use carteiro_core::plan::PlanName;
use carteiro_core::ports::Random;
use carteiro_core::report::{Period, Subject};
use carteiro_core::scope::{Scope, Scopes};
use carteiro_core::send::{Send, Text};
use carteiro_core::token::{ApiKey, ApiToken};
use carteiro_core::user::User;
use jiff::{SignedDuration, Timestamp};

pub(crate) fn random<const N: usize>() -> [u8; N] {
    (&OsRandom as &dyn Random).bytes()
}

pub(crate) fn user_id() -> UserId {
    UserId::from_random(random())
}

pub(crate) fn send_id() -> SendId {
    SendId::from_random(random())
}

/// A time so many seconds after a fixed one, with microseconds that must not be lost.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(1_790_000_000_123_456).expect("a time") + SignedDuration::from_secs(seconds)
}

pub(crate) fn phone(number: u32) -> Phone {
    format!("55119{number:08}").parse().expect("a number")
}

pub(crate) fn worker(number: u32) -> OwnedNumber {
    OwnedNumber { phone: phone(number), role: Role::Worker }
}

pub(crate) fn admin(number: u32) -> OwnedNumber {
    OwnedNumber { phone: phone(number), role: Role::Admin }
}

/// A tenant with everything that a tenant can have.
pub(crate) fn user(name: &str) -> User {
    let digits = u32::from_be_bytes(random()) % 100_000_000;
    User {
        id: user_id(),
        login: Some(name.parse().expect("a login")),
        email: Some(format!("{name}@exemplo.com.br").parse().expect("an address")),
        mail_returned: None,
        phone: Some(phone(digits)),
        password: Some(PasswordHash::from_stored("$argon2id$hash".into())),
        plan: PlanName::from_stored("basico".into()),
        time_zone: Some("America/Manaus".parse().expect("a zone")),
        retention: Some(30.try_into().unwrap()),
        token: Some(ApiToken::from_random(random()).hash()),
        created_at: at(0),
    }
}

/// A token of a tenant, made that many seconds after the start, that never ends.
pub(crate) fn api_key(user: &User, second: i64) -> ApiKey {
    let token = ApiToken::from_random(random());
    ApiKey {
        id: TokenId::from_random(random()),
        user: user.id,
        name: Some("loja".parse().expect("a name")),
        prefix: token.prefix(),
        hash: token.hash(),
        scopes: Scopes::new([Scope::Read, Scope::Send]).expect("scopes"),
        created_at: at(second),
        expires_at: None,
    }
}

/// A new send of a tenant.
pub(crate) fn send(user: UserId, from: &Phone, queued_at: Timestamp) -> Send {
    let text = Text::parse("Olá, çãé 👋".into()).expect("a text");
    Send::of_text(send_id(), user, from.clone(), phone(77), text, queued_at)
}

/// The sends of a tenant from `phone(1)`, from one second on and up to another.
pub(crate) fn subject(user: UserId, from: i64, to: i64) -> Subject {
    Subject { user, number: phone(1), period: Period { from: at(from), to: at(to) } }
}
