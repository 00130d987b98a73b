//! The rules of API tokens.

use super::*;
use crate::ports::Accounts;
use crate::testing::{ManualClock, MemoryAccounts, SeededRandom, tenant};
use crate::user::User;
use proptest::prelude::*;

struct World {
    accounts: Arc<MemoryAccounts>,
    clock: Arc<ManualClock>,
    tokens: Tokens,
    ana: User,
}

async fn world() -> World {
    let (accounts, clock) = (Arc::<MemoryAccounts>::default(), Arc::<ManualClock>::default());
    let tokens =
        Tokens { keys: accounts.clone(), clock: clock.clone(), random: Arc::<SeededRandom>::default() };
    let ana = tenant(1, None);
    accounts.create(&ana).await.unwrap();
    World { accounts, clock, tokens, ana }
}

fn scopes(scopes: &[Scope]) -> Scopes {
    Scopes::new(scopes.iter().copied()).unwrap()
}

fn grant(of: &[Scope]) -> Grant {
    Grant { scopes: scopes(of), expires_at: None }
}

fn of(wanted: &[Scope]) -> NewToken {
    NewToken { scopes: Some(scopes(wanted)), ..NewToken::default() }
}

fn living(life: Life) -> NewToken {
    NewToken { life: Some(life), ..NewToken::default() }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

impl World {
    async fn made(&self, wanted: NewToken) -> MadeToken {
        self.tokens.create(self.ana.id, &Grant::full(), wanted).await.unwrap()
    }

    async fn refused(&self, bearer: &Grant, wanted: NewToken) -> Code {
        self.tokens.create(self.ana.id, bearer, wanted).await.unwrap_err().code()
    }

    async fn rotates(&self, bearer: &Grant, id: TokenId, seconds: i64) -> Result<RotatedToken, Code> {
        let overlap = SignedDuration::from_secs(seconds);
        self.tokens.rotate(self.ana.id, bearer, id, overlap).await.map_err(|problem| problem.code())
    }

    /// What the token lets its bearer do now.
    async fn grants(&self, token: &ApiToken) -> Option<Grant> {
        let found = self.accounts.find_by_token(&token.hash()).await.unwrap();
        found.map(|(_, grant)| grant).filter(|grant| !grant.is_over(self.clock.now()))
    }

    async fn listed(&self) -> Vec<TokenId> {
        self.tokens.list(self.ana.id).await.unwrap().into_iter().map(|key| key.id).collect()
    }
}

#[tokio::test]
async fn a_token_is_made_listed_and_revoked() {
    let w = world().await;
    let named = NewToken { name: Some("loja".parse().unwrap()), ..of(&[Scope::Send]) };
    let (one, two) = (w.made(named).await, w.made(NewToken::default()).await);
    assert_eq!(w.grants(&one.token).await, Some(grant(&[Scope::Send])));
    assert_eq!(w.grants(&two.token).await, Some(Grant::full()), "all of them when it is not said");
    assert_eq!(one.key.prefix, one.token.prefix());
    let listed = w.tokens.list(w.ana.id).await.unwrap();
    assert!(listed.contains(&one.key) && listed.len() == 2);
    w.tokens.revoke(w.ana.id, one.key.id).await.unwrap();
    assert_eq!(w.grants(&one.token).await, None);
    assert_eq!(w.listed().await, [two.key.id]);
    let again = w.tokens.revoke(w.ana.id, one.key.id).await.unwrap_err();
    assert_eq!(again.code(), Code::TokenNotFound);
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let w = world().await;
    let made = w.made(living(Life::Days(2))).await;
    let until = w.clock.now() + days(1);
    let sooner = w.made(living(Life::Until(until))).await;
    assert_eq!(sooner.key.expires_at, Some(until));
    w.clock.advance(days(1));
    assert_eq!(w.grants(&sooner.token).await, None);
    assert_eq!(w.listed().await, [made.key.id]);
    w.clock.advance(days(1));
    assert_eq!(w.grants(&made.token).await, None);
    assert_eq!(w.rotates(&Grant::full(), made.key.id, 60).await.err(), Some(Code::TokenNotFound));
    let now = w.clock.now();
    for life in [
        Life::Days(0),
        Life::Days(-1),
        Life::Days(MAX_LIFE_DAYS + 1),
        Life::Days(i64::MAX),
        Life::Until(now),
        Life::Until(now + days(MAX_LIFE_DAYS) + SignedDuration::from_secs(1)),
        Life::Until(Timestamp::MIN),
    ] {
        assert_eq!(w.refused(&Grant::full(), living(life)).await, Code::InvalidParameter, "{life:?}");
    }
}

#[tokio::test]
async fn no_token_makes_one_that_can_do_more() {
    let w = world().await;
    let manage = grant(&[Scope::Manage]);
    assert_eq!(w.refused(&manage, of(&[Scope::Send])).await, Code::ScopeForbids);
    assert_eq!(w.refused(&manage, of(&[Scope::Manage, Scope::Read])).await, Code::ScopeForbids);
    let same = w.tokens.create(w.ana.id, &manage, NewToken::default()).await.unwrap();
    assert_eq!(w.grants(&same.token).await, Some(manage), "what it has itself, when it is not said");

    let end = w.clock.now() + days(30);
    let ending = Grant { expires_at: Some(end), ..Grant::full() };
    assert_eq!(w.refused(&ending, living(Life::Days(31))).await, Code::InvalidParameter);
    let inherits = w.tokens.create(w.ana.id, &ending, NewToken::default()).await.unwrap();
    assert_eq!(inherits.key.expires_at, Some(end));
    let sooner = w.tokens.create(w.ana.id, &ending, living(Life::Days(30))).await.unwrap();
    assert_eq!(sooner.key.expires_at, Some(end));
}

#[tokio::test]
async fn a_rotated_token_stays_good_for_the_overlap() {
    let w = world().await;
    let old = w.made(NewToken { name: Some("loja".parse().unwrap()), ..of(&[Scope::Read]) }).await;
    let rotated = w.rotates(&Grant::full(), old.key.id, 3_600).await.unwrap();
    let new = &rotated.made;
    assert_eq!((&new.key.name, &new.key.scopes), (&old.key.name, &old.key.scopes));
    assert_ne!((new.key.id, new.token.hash()), (old.key.id, old.token.hash()));
    assert_eq!(rotated.old_ends_at, Some(w.clock.now() + SignedDuration::from_hours(1)));
    w.clock.advance(SignedDuration::from_secs(3_599));
    assert!(w.grants(&old.token).await.is_some() && w.grants(&new.token).await.is_some());
    w.clock.advance(SignedDuration::from_secs(1));
    assert!(w.grants(&old.token).await.is_none() && w.grants(&new.token).await.is_some());
    assert_eq!(w.listed().await, [new.key.id]);

    let at_once = w.rotates(&Grant::full(), new.key.id, 0).await.unwrap();
    assert_eq!((at_once.old_ends_at, w.grants(&new.token).await), (None, None));
    for seconds in [-1, MAX_OVERLAP.as_secs() + 1] {
        let refused = w.rotates(&Grant::full(), at_once.made.key.id, seconds).await.err();
        assert_eq!(refused, Some(Code::InvalidParameter));
    }
}

#[tokio::test]
async fn rotating_makes_no_token_live_longer() {
    let w = world().await;
    let old = w.made(living(Life::Days(1))).await;
    let rotated = w.rotates(&Grant::full(), old.key.id, MAX_OVERLAP.as_secs()).await.unwrap();
    assert_eq!(rotated.made.key.expires_at, old.key.expires_at);
    assert_eq!(rotated.old_ends_at, old.key.expires_at);
}

#[tokio::test]
async fn no_token_is_rotated_by_one_that_can_do_less() {
    let w = world().await;
    let (full, manage) = (w.made(NewToken::default()).await, w.made(of(&[Scope::Manage])).await);
    let bearer = manage.key.grant();
    assert_eq!(w.rotates(&bearer, full.key.id, 0).await.err(), Some(Code::ScopeForbids));
    assert!(w.rotates(&bearer, manage.key.id, 0).await.is_ok(), "its own");
    let ending = Grant { expires_at: Some(w.clock.now() + days(1)), ..Grant::full() };
    assert_eq!(w.rotates(&ending, full.key.id, 0).await.err(), Some(Code::ScopeForbids));
    assert!(w.grants(&full.token).await.is_some());
    w.tokens.revoke(w.ana.id, full.key.id).await.unwrap();
}

#[tokio::test]
async fn twenty_and_no_more() {
    let w = world().await;
    let first = w.made(living(Life::Days(1))).await;
    for _ in 1..MAX_API_KEYS {
        w.made(NewToken::default()).await;
    }
    assert_eq!(w.refused(&Grant::full(), NewToken::default()).await, Code::TooManyTokens);
    assert_eq!(w.rotates(&Grant::full(), first.key.id, 60).await.err(), Some(Code::TooManyTokens));
    let swapped = w.rotates(&Grant::full(), first.key.id, 0).await.unwrap();
    assert_eq!(w.listed().await.len(), MAX_API_KEYS);
    w.clock.advance(days(1));
    assert!(w.grants(&swapped.made.token).await.is_none());
    w.made(NewToken::default()).await;
}

#[tokio::test]
async fn other_tenants_tokens_are_not_there() {
    let w = world().await;
    let bia = tenant(2, None);
    w.accounts.create(&bia).await.unwrap();
    let made = w.made(NewToken::default()).await;
    assert!(w.tokens.list(bia.id).await.unwrap().is_empty());
    let id = made.key.id;
    assert_eq!(w.tokens.revoke(bia.id, id).await.unwrap_err().code(), Code::TokenNotFound);
    let rotated = w.tokens.rotate(bia.id, &Grant::full(), id, DEFAULT_OVERLAP).await;
    assert_eq!(rotated.unwrap_err().code(), Code::TokenNotFound);
    assert!(w.grants(&made.token).await.is_some());
}

#[tokio::test]
async fn the_token_from_before_is_a_token_like_others() {
    let w = world().await;
    let token = ApiToken::from_random([9; 32]);
    let bia = tenant(2, Some(&token));
    w.accounts.create(&bia).await.unwrap();
    let [key] = w.tokens.list(bia.id).await.unwrap().try_into().unwrap();
    let rotated =
        w.tokens.rotate(bia.id, &Grant::full(), key.id, SignedDuration::from_secs(60)).await.unwrap();
    assert!(w.grants(&token).await.is_some() && w.grants(&rotated.made.token).await.is_some());
    w.clock.advance(SignedDuration::from_secs(60));
    assert!(w.grants(&token).await.is_none());
    w.tokens.revoke(bia.id, rotated.made.key.id).await.unwrap();
    assert!(w.grants(&rotated.made.token).await.is_none());
}

#[tokio::test]
async fn an_outage_is_told_and_makes_nothing() {
    let w = world().await;
    let made = w.made(NewToken::default()).await;
    w.accounts.switch.fail();
    assert_eq!(w.refused(&Grant::full(), NewToken::default()).await, Code::Unavailable);
    assert_eq!(w.rotates(&Grant::full(), made.key.id, 0).await.err(), Some(Code::Unavailable));
    assert_eq!(w.tokens.revoke(w.ana.id, made.key.id).await.unwrap_err().code(), Code::Unavailable);
    w.accounts.switch.recover();
    assert_eq!(w.listed().await, [made.key.id]);
}

proptest! {
    #[test]
    fn nothing_goes_beyond_its_bearer(bearer in 1u8..8, wanted in 0u8..8, end in 1i64..100, life in 0i64..100) {
        let of = |bits: u8| Scopes::new(Scope::ALL.into_iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, s)| s));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = world().await;
            let bearer = Grant { scopes: of(bearer).unwrap(), expires_at: Some(w.clock.now() + days(end)) };
            let life = (life > 0).then_some(Life::Days(life));
            let wanted = NewToken { name: None, scopes: of(wanted), life };
            if let Ok(made) = w.tokens.create(w.ana.id, &bearer, wanted).await {
                prop_assert!(made.key.scopes.iter().all(|scope| bearer.scopes.allow(scope)));
                prop_assert!(made.key.expires_at.unwrap() <= bearer.expires_at.unwrap());
            }
            Ok(())
        })?;
    }
}
