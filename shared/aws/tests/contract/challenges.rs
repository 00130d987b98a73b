//! The contract of [`Challenges`](carteiro_core::ports::Challenges).

use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::otp::{Address, Challenge, ChallengeKey, Code, OtpKey, Purpose, Verdict};
use carteiro_core::ports::Challenges;
use std::sync::Arc;

crate::contract! { in memory too:
    tries_are_counted,
    a_new_code_replaces_the_old_with_its_tries,
    purposes_and_addresses_are_apart,
    twenty_guesses_at_once_are_five_tries,
    a_right_code_is_taken_once,
}

fn key() -> ChallengeKey {
    ChallengeKey { purpose: Purpose::Login, address: Address::Phone(phone(1)) }
}

fn challenge(code: &str) -> Challenge {
    let code: Code = code.parse().unwrap();
    Challenge::new(code.mac(&OtpKey::new(b"key".to_vec()), &key()), at(0))
}

async fn tries_are_counted(ports: &Ports) {
    let challenges = &ports.challenges;
    assert_eq!(challenges.count_try(&key()).await, Ok(None));
    assert_eq!(challenges.take(&key()).await, Ok(false));
    let stored = challenge("123456");
    challenges.put(&key(), &stored).await.unwrap();
    for tries in 1..=3 {
        let counted = challenges.count_try(&key()).await.unwrap();
        assert_eq!(counted, Some(Challenge { tries, ..stored.clone() }));
    }
}

async fn a_new_code_replaces_the_old_with_its_tries(ports: &Ports) {
    let challenges = &ports.challenges;
    challenges.put(&key(), &challenge("123456")).await.unwrap();
    challenges.count_try(&key()).await.unwrap();
    let next = challenge("654321");
    challenges.put(&key(), &next).await.unwrap();
    assert_eq!(challenges.count_try(&key()).await.unwrap(), Some(Challenge { tries: 1, ..next }));
}

async fn purposes_and_addresses_are_apart(ports: &Ports) {
    ports.challenges.put(&key(), &challenge("123456")).await.unwrap();
    let email = Address::Email("5511900000001@exemplo.com".parse().unwrap());
    for other in [
        ChallengeKey { purpose: Purpose::Register, ..key() },
        ChallengeKey { address: Address::Phone(phone(2)), ..key() },
        ChallengeKey { address: email, ..key() },
    ] {
        assert_eq!(ports.challenges.count_try(&other).await, Ok(None), "{other:?}");
    }
}

async fn twenty_guesses_at_once_are_five_tries(ports: &Ports) {
    ports.challenges.put(&key(), &challenge("123456")).await.unwrap();
    let wrong = challenge("000000").mac;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (challenges, wrong) = (Arc::clone(&ports.challenges), wrong.clone());
            tokio::spawn(
                async move { challenges.count_try(&key()).await.unwrap().unwrap().judge(&wrong, at(1)) },
            )
        })
        .collect();
    let mut left = 0;
    for task in tasks {
        match task.await.unwrap() {
            Verdict::Wrong => left += 1,
            verdict => assert_eq!(verdict, Verdict::Spent),
        }
    }
    assert_eq!(left, 4, "the fifth wrong try spends the code");
    let counted = ports.challenges.count_try(&key()).await.unwrap().unwrap();
    assert_eq!(
        counted.judge(&challenge("123456").mac, at(1)),
        Verdict::Spent,
        "the right code comes too late"
    );
}

async fn a_right_code_is_taken_once(ports: &Ports) {
    ports.challenges.put(&key(), &challenge("123456")).await.unwrap();
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let challenges: Arc<dyn Challenges> = Arc::clone(&ports.challenges);
            tokio::spawn(async move { challenges.take(&key()).await.unwrap() })
        })
        .collect();
    let mut taken = 0;
    for task in tasks {
        taken += u32::from(task.await.unwrap());
    }
    assert_eq!(taken, 1);
    assert_eq!(ports.challenges.count_try(&key()).await, Ok(None));
}
