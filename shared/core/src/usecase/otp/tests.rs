//! The rules of one-time passwords.

use super::*;
use crate::error::Code as ErrorCode;
use crate::otp::{Address, Code, OtpKey, Purpose};
use crate::testing::*;
use crate::user::User;
use jiff::SignedDuration;

struct World {
    accounts: Arc<MemoryAccounts>,
    challenges: Arc<MemoryChallenges>,
    mailer: Arc<MemoryMailer>,
    messenger: Arc<MemoryMessenger>,
    clock: Arc<ManualClock>,
    otp: OneTimePasswords,
    keys: Vec<OtpKey>,
}

fn world() -> World {
    let (accounts, challenges) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryChallenges>::default());
    let (mailer, messenger) = (Arc::<MemoryMailer>::default(), Arc::<MemoryMessenger>::default());
    let clock = Arc::<ManualClock>::default();
    let plans =
        Plans::from_json(r#"{"basico":{"media_types":["text"],"workers":1,"default":true}}"#).unwrap();
    let otp = OneTimePasswords {
        accounts: accounts.clone(),
        challenges: challenges.clone(),
        mailer: mailer.clone(),
        messenger: messenger.clone(),
        clock: clock.clone(),
        random: Arc::new(SeededRandom::default()),
        plans: Arc::new(plans),
    };
    World { accounts, challenges, mailer, messenger, clock, otp, keys: vec![OtpKey::new(b"key".to_vec())] }
}

fn email() -> Address {
    Address::Email("ana@exemplo.com".parse().unwrap())
}

fn phone() -> Address {
    Address::Phone("5511988887777".parse().unwrap())
}

/// The six digits in a text.
fn digits(text: &str) -> String {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().find(|run| run.len() == 6).unwrap().into()
}

impl World {
    async fn request(&self, purpose: Purpose, address: &Address) -> Requested {
        self.otp.request(purpose, address, &self.keys[0]).await.unwrap()
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
        self.otp.log_in(proof, &self.keys).await.map_err(|problem| problem.code())
    }

    async fn register(&self, proofs: &[Proof]) -> Result<User, ErrorCode> {
        self.otp.register(proofs, &self.keys).await.map_err(|problem| problem.code())
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
