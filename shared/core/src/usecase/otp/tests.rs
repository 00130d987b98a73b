//! The rules of one-time passwords.

mod limits;
mod returned;
mod sms;

use super::*;
use crate::error::Code as ErrorCode;
use crate::otp::{Address, Code, OtpKey, Purpose};
use crate::source::Source;
use crate::testing::*;
use crate::user::User;
use jiff::SignedDuration;

struct World {
    accounts: Arc<MemoryAccounts>,
    challenges: Arc<MemoryChallenges>,
    mailer: Arc<MemoryMailer>,
    messenger: Arc<MemoryMessenger>,
    rates: Arc<MemoryRates>,
    clock: Arc<ManualClock>,
    otp: OneTimePasswords,
    keys: Vec<OtpKey>,
}

fn world() -> World {
    let (accounts, challenges) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryChallenges>::default());
    let (mailer, messenger) = (Arc::<MemoryMailer>::default(), Arc::<MemoryMessenger>::default());
    let (clock, rates) = (Arc::<ManualClock>::default(), Arc::<MemoryRates>::default());
    let plans =
        Plans::from_json(r#"{"basico":{"media_types":["text"],"workers":1,"default":true}}"#).unwrap();
    let otp = OneTimePasswords {
        accounts: accounts.clone(),
        challenges: challenges.clone(),
        rates: rates.clone(),
        mailer: mailer.clone(),
        messenger: messenger.clone(),
        sms: SmsPolicy::new("55".parse().unwrap(), 40),
        clock: clock.clone(),
        random: Arc::new(SeededRandom::default()),
        plans: Arc::new(plans),
    };
    let keys = vec![OtpKey::new(b"key".to_vec())];
    World { accounts, challenges, mailer, messenger, rates, clock, otp, keys }
}

fn email() -> Address {
    Address::Email("ana@exemplo.com".parse().unwrap())
}

fn phone() -> Address {
    Address::Phone("5511988887777".parse().unwrap())
}

fn home() -> Source {
    Source::parse("203.0.113.7")
}

/// The six digits in a text.
fn digits(text: &str) -> String {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().find(|run| run.len() == 6).unwrap().into()
}

impl World {
    async fn request(&self, purpose: Purpose, address: &Address) -> Requested {
        self.otp.request(purpose, address, home(), &self.keys[0]).await.unwrap()
    }

    /// The code of a request that is refused for its rate, after what time the next may come; `None` when it is not refused.
    async fn held(&self, address: &Address, source: Source) -> Option<SignedDuration> {
        match self.otp.request(Purpose::Login, address, source, &self.keys[0]).await {
            Ok(_) => None,
            Err(problem) => {
                assert_eq!(problem.code(), ErrorCode::RateLimited);
                problem.retry_after()
            }
        }
    }

    fn mailed(&self) -> Proof {
        self.proof(email(), &digits(&self.mailer.mails().last().unwrap().text))
    }

    fn texted(&self) -> Proof {
        self.proof(phone(), &digits(&self.messenger.texts().last().unwrap().1))
    }

    fn proof(&self, address: Address, code: &str) -> Proof {
        Proof { address, code: code.parse::<Code>().unwrap() }
    }

    async fn log_in(&self, proof: &Proof) -> Result<User, ErrorCode> {
        self.otp.log_in(proof, home(), &self.keys).await.map_err(|problem| problem.code())
    }

    async fn register(&self, proofs: &[Proof]) -> Result<User, ErrorCode> {
        self.otp.register(proofs, home(), &self.keys).await.map_err(|problem| problem.code())
    }
}

#[tokio::test]
async fn two_codes_make_one_account_and_either_logs_in() {
    let w = world();
    assert_eq!(w.request(Purpose::Register, &email()).await, Requested::Sent);
    assert_eq!(w.request(Purpose::Register, &phone()).await, Requested::Sent);
    let user = w.register(&[w.mailed(), w.texted()]).await.unwrap();
    assert_eq!((user.identities().len(), user.plan.as_str()), (2, "basico"));
    assert_eq!(w.challenges.count(), 0);
    for address in [email(), phone()] {
        assert_eq!(w.request(Purpose::Login, &address).await, Requested::Sent);
    }
    for proof in [w.mailed(), w.texted()] {
        assert_eq!(w.log_in(&proof).await.unwrap().id, user.id);
        assert_eq!(w.log_in(&proof).await, Err(ErrorCode::OtpExpired), "a code is used once");
    }
}

#[tokio::test]
async fn one_wrong_code_of_two_makes_nothing_and_spends_nothing_else() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    w.request(Purpose::Register, &phone()).await;
    let wrong = w.proof(phone(), "000000");
    assert_eq!(w.register(&[w.mailed(), wrong]).await, Err(ErrorCode::InvalidOtp));
    assert_eq!(w.accounts.count(), 0);
    assert!(w.register(&[w.mailed(), w.texted()]).await.is_ok());
}

#[tokio::test]
async fn five_tries_and_five_minutes() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    let (right, wrong) = (w.mailed(), w.proof(email(), "000000"));
    for _ in 0..4 {
        assert_eq!(w.register(std::slice::from_ref(&wrong)).await, Err(ErrorCode::InvalidOtp));
    }
    assert_eq!(w.register(std::slice::from_ref(&wrong)).await, Err(ErrorCode::OtpSpent));
    assert_eq!(w.register(&[right]).await, Err(ErrorCode::OtpSpent), "even the right one");
    w.request(Purpose::Register, &email()).await;
    w.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(w.register(&[w.mailed()]).await, Err(ErrorCode::OtpExpired));
    w.request(Purpose::Register, &email()).await;
    assert!(w.register(&[w.mailed()]).await.is_ok());
}

#[tokio::test]
async fn who_has_an_account_cannot_be_found_out() {
    let w = world();
    assert_eq!(w.request(Purpose::Login, &email()).await, Requested::Nobody);
    assert!(w.mailer.mails().is_empty());
    assert_eq!(w.challenges.count(), 1, "tries are answered alike");
    assert_eq!(w.log_in(&w.proof(email(), "000000")).await, Err(ErrorCode::InvalidOtp));
    w.request(Purpose::Register, &email()).await;
    w.register(&[w.mailed()]).await.unwrap();
    assert_eq!(w.request(Purpose::Register, &email()).await, Requested::AlreadyRegistered);
    assert!(w.mailer.mails().last().unwrap().text.contains("já tem uma conta"));
    assert_eq!(w.register(&[w.proof(email(), "000000")]).await, Err(ErrorCode::InvalidOtp));
}

#[tokio::test]
async fn a_code_for_one_purpose_is_none_for_the_other() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    assert_eq!(w.log_in(&w.mailed()).await, Err(ErrorCode::OtpExpired));
}

#[tokio::test]
async fn a_code_outlives_the_change_of_the_key() {
    let mut w = world();
    w.request(Purpose::Register, &email()).await;
    w.keys.insert(0, OtpKey::new(b"new".to_vec()));
    assert!(w.register(&[w.mailed()]).await.is_ok());
}

#[tokio::test]
async fn a_failed_store_loses_no_code_and_a_failed_mail_is_told_to_the_log_only() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    w.accounts.switch.fail();
    assert_eq!(w.register(&[w.mailed()]).await, Err(ErrorCode::Unavailable));
    w.accounts.switch.recover();
    assert!(w.register(&[w.mailed()]).await.is_ok());
    w.mailer.switch.fail();
    assert!(matches!(w.request(Purpose::Login, &email()).await, Requested::Undelivered(_)));
}

fn somebody(n: u32) -> Address {
    Address::Email(format!("pessoa{n}@exemplo.com").parse().unwrap())
}

fn elsewhere(n: u32) -> Source {
    Source::parse(&format!("198.51.100.{n}"))
}

#[tokio::test]
async fn the_work_is_the_same_for_known_and_unknown_addresses() {
    let w = world();
    w.request(Purpose::Register, &email()).await;
    w.register(&[w.mailed()]).await.unwrap();
    let work = || {
        let asked = [&w.accounts.switch, &w.challenges.switch, &w.rates.switch].map(|switch| switch.asked());
        asked.map(|operations| operations.join(" "))
    };
    let mut seen = Vec::new();
    for address in [email(), somebody(1)] {
        for purpose in [Purpose::Login, Purpose::Register] {
            work();
            w.request(purpose, &address).await;
            seen.push(("a request", work()));
        }
        w.log_in(&w.proof(address.clone(), "000000")).await.unwrap_err();
        seen.push(("a wrong code to log in", work()));
        w.register(&[w.proof(address.clone(), "000000")]).await.unwrap_err();
        seen.push(("a wrong code to register", work()));
    }
    let (known, unknown) = seen.split_at(4);
    assert_eq!(known, unknown);
    assert_eq!(known[0].1, ["find_by_identity", "put", "admit admit admit admit"]);
}
