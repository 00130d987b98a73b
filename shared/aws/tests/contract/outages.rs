//! What the ports answer when the store does not, or refuses for a while.

use crate::samples::{api_key, at, phone, random, send, send_id, subject, user, user_id, worker};
use crate::support::stack::config;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use carteiro_aws::AwsClients;
use carteiro_aws::dynamo::{
    DynamoAccounts, DynamoApiKeys, DynamoChallenges, DynamoLeases, DynamoLinks, DynamoNamedSessions,
    DynamoNumbers, DynamoPairings, DynamoPreparations, DynamoSends, DynamoUsage, DynamoWhatsAppStates,
};
use carteiro_core::ids::PairingId;
use carteiro_core::lease::{Epoch, TaskId};
use carteiro_core::number::{Desired, NumberChange, PairingMethod};
use carteiro_core::otp::{Address, ChallengeKey, Purpose};
use carteiro_core::ports::{
    Accounts, ApiKeys, ApplyError, Challenges, CreateError, KeyError, LeaseError, Leases, LinkError, Links,
    NamedSessions, Numbers, PairingError, Pairings, Preparations, SendHistory, Sends, StateError, Usage,
    WhatsAppStates,
};
use carteiro_core::send::Step;
use carteiro_core::session::{PairingReport, PairingState};
use carteiro_core::shard::Shard;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A configuration that waits hardly at all between attempts.
pub(crate) async fn quick(endpoint: &str) -> SdkConfig {
    let retry = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    config(endpoint).await.into_builder().retry_config(retry).build()
}

/// A store that gives these answers one after the other, and then ends connections without an answer.
pub(crate) async fn scripted(answers: &[(u16, &str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answers: VecDeque<(u16, String)> = answers.iter().map(|(s, body)| (*s, (*body).to_owned())).collect();
    let answers = Arc::new(Mutex::new(answers));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&answers)));
        }
    });
    endpoint
}

/// Reads one request whole, gives the next answer, and closes.
async fn answer(mut stream: TcpStream, answers: Arc<Mutex<VecDeque<(u16, String)>>>) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
            _ => return,
        }
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            break;
        }
    }
    let Some((status, body)) = answers.lock().unwrap().pop_front() else { return };
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

#[tokio::test]
async fn every_port_says_so_when_the_store_is_away() {
    let clients = AwsClients::new(quick("http://127.0.0.1:1").await);
    let client = || clients.dynamo();
    let ana = user("ana");
    let accounts = DynamoAccounts::new(client(), "accounts");
    assert!(matches!(accounts.create(&ana).await, Err(CreateError::Unavailable(_))));
    assert!(accounts.find(ana.id).await.is_err());
    assert!(accounts.find_by_identity(&ana.identities()[0]).await.is_err());
    assert!(accounts.remove(&ana).await.is_err());

    let key = ChallengeKey { purpose: Purpose::Login, address: Address::Phone(phone(1)) };
    let challenges = DynamoChallenges::new(client(), "accounts");
    assert!(challenges.count_try(&key).await.is_err());
    assert!(challenges.take(&key).await.is_err());

    let keys = DynamoApiKeys::new(client(), "accounts");
    let key = api_key(&ana, 0);
    assert!(keys.list(ana.id).await.is_err());
    assert!(matches!(keys.add(&key, at(0)).await, Err(KeyError::Unavailable(_))));
    assert!(matches!(keys.rotate(key.id, at(1), &key, at(0)).await, Err(KeyError::Unavailable(_))));
    assert!(keys.revoke(ana.id, key.id).await.is_err());

    let numbers = DynamoNumbers::new(client(), "accounts");
    let changes = [NumberChange::Add(worker(1), Shard::from_stored(0))];
    assert!(matches!(numbers.apply(ana.id, &changes, 1).await, Err(ApplyError::Unavailable(_))));
    assert!(numbers.claim(&phone(1)).await.is_err());

    let sends = DynamoSends::new(client(), "sends");
    let one = send(user_id(), &phone(1), at(0));
    assert!(sends.create(&one, at(60)).await.is_err());
    assert!(sends.apply(one.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.is_err());
    assert!(sends.due(at(0), 10).await.is_err());
    assert!(sends.park(&one, carteiro_core::send::Waiting::NotConnected).await.is_err());
    assert!(sends.page(&subject(one.user, 0, 9), None, 10).await.is_err());

    let preparations = DynamoPreparations::new(client(), "sends");
    assert!(preparations.find(one.id).await.is_err());
    let (usage, day) = (DynamoUsage::new(client(), "sends"), jiff::civil::date(2026, 11, 22));
    for limit in [None, Some(1)] {
        assert!(usage.count(one.user, day, limit).await.is_err());
    }
    assert!(usage.give_back(one.user, day).await.is_err());
    assert!(usage.counted(one.user, day, day).await.is_err());

    let links = DynamoLinks::new(client(), "sessions");
    let wanted = links
        .want(&phone(1), ana.id, Shard::from_stored(0), Desired::Connected(PairingMethod::Qr), at(0))
        .await;
    assert!(matches!(wanted, Err(LinkError::Unavailable(_))));
    assert!(links.of_shard(Shard::from_stored(0)).await.is_err());

    let (pairing, name) = (PairingId::from_random(random()), "Recepção".parse().unwrap());
    let adopted = links.adopted(&phone(1), Epoch::FIRST, pairing, at(0)).await;
    assert!(matches!(adopted, Err(LinkError::Unavailable(_))));
    let adopt = links.adopt(&phone(1), ana.id, Shard::from_stored(0), pairing, "jid", at(0)).await;
    assert!(matches!(adopt, Err(LinkError::Unavailable(_))));

    let named = DynamoNamedSessions::new(client(), "sessions");
    assert!(named.open(ana.id, &name, at(0)).await.is_err());
    assert!(named.list(ana.id).await.is_err());
    assert!(named.set_number(ana.id, &name, pairing, &phone(1)).await.is_err());
    assert!(named.unpair(&phone(1)).await.is_err());
    let pairings = DynamoPairings::new(client(), "sessions");
    assert!(pairings.find(pairing).await.is_err());
    assert!(pairings.cancel(pairing).await.is_err());
    let waiting = PairingReport { state: PairingState::Waiting, qr: None };
    let reported = pairings.report(pairing, Epoch::FIRST, &waiting, at(0)).await;
    assert!(matches!(reported, Err(PairingError::Unavailable(_))));

    let leases = DynamoLeases::new(client(), "sessions");
    let task = TaskId::from_random(random());
    assert!(matches!(leases.heartbeat(&task, 1).await, Err(LeaseError::Unavailable(_))));
    let taken = leases.take(Shard::from_stored(0), &task, None, false).await;
    assert!(matches!(taken, Err(LeaseError::Unavailable(_))));
    assert!(leases.view().await.is_err());

    let states = DynamoWhatsAppStates::new(client(), "sessions");
    assert!(matches!(states.open(&(&phone(1)).into(), Epoch::FIRST).await, Err(StateError::Unavailable(_))));
    assert!(matches!(states.erase(&(&phone(1)).into(), Epoch::FIRST).await, Err(StateError::Unavailable(_))));
    assert!(matches!(states.holds(pairing).await, Err(StateError::Unavailable(_))));
    assert!(matches!(states.adopt(&phone(1), Epoch::FIRST, pairing).await, Err(StateError::Unavailable(_))));
}

pub(crate) const THROTTLED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down, {secret}"}"#;
const INVALID: &str = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"the key 5511900000001 with Olá is bad"}"#;
const DENIED: &str = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: x is not authorized on table y"}"#;
const CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"Transaction is ongoing for the item"}"#;
const CANCELLED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"cancelled","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;
const REFUSED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"cancelled","CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}"#;

#[tokio::test]
async fn a_throttled_request_is_tried_again() {
    let endpoint = scripted(&[(400, THROTTLED), (500, "{}"), (200, "{}")]).await;
    let sends = DynamoSends::new(AwsClients::new(quick(&endpoint).await).dynamo(), "sends");
    assert_eq!(sends.find(send_id()).await, Ok(None));
}

#[tokio::test]
async fn what_stays_throttled_is_unavailable_and_quotes_nothing() {
    let endpoint = scripted(&[(400, THROTTLED); 3]).await;
    let sends = DynamoSends::new(AwsClients::new(quick(&endpoint).await).dynamo(), "sends");
    let error = sends.find(send_id()).await.unwrap_err();
    assert_eq!(error.to_string(), "dynamodb GetItem sends: ProvisionedThroughputExceededException");
}

#[tokio::test]
async fn errors_tell_resources_but_never_values() {
    let endpoint = scripted(&[(400, INVALID), (400, DENIED)]).await;
    let sends = DynamoSends::new(AwsClients::new(quick(&endpoint).await).dynamo(), "sends");
    let one = send(user_id(), &phone(1), at(0));
    let invalid = sends.create(&one, at(60)).await.unwrap_err();
    assert_eq!(invalid.to_string(), "dynamodb PutItem sends: ValidationException");
    let denied = sends.create(&one, at(60)).await.unwrap_err().to_string();
    assert!(denied.ends_with("AccessDeniedException: User: x is not authorized on table y"), "{denied}");
}

#[tokio::test]
async fn a_write_that_meets_a_transaction_is_tried_again() {
    let endpoint = scripted(&[(400, CONFLICT), (400, CONFLICT), (200, "{}")]).await;
    let leases = DynamoLeases::new(AwsClients::new(quick(&endpoint).await).dynamo(), "sessions");
    assert_eq!(leases.heartbeat(&TaskId::from_random(random()), 1).await, Ok(()));
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_tried_again() {
    let endpoint = scripted(&[(400, CANCELLED), (400, CANCELLED), (200, "{}")]).await;
    let leases = DynamoLeases::new(AwsClients::new(quick(&endpoint).await).dynamo(), "sessions");
    let task = TaskId::from_random(random());
    assert_eq!(leases.take(Shard::from_stored(0), &task, None, false).await, Ok(Epoch::FIRST));
}

#[tokio::test]
async fn a_transaction_that_always_meets_others_gives_up() {
    let endpoint = scripted(&[(400, CANCELLED); 20]).await;
    let clients = AwsClients::new(quick(&endpoint).await);
    let task = TaskId::from_random(random());
    let leases = DynamoLeases::new(clients.dynamo(), "sessions");
    let taken = leases.take(Shard::from_stored(0), &task, None, false).await;
    assert_eq!(taken, Err(LeaseError::Changed));
    let accounts = DynamoAccounts::new(clients.dynamo(), "accounts");
    let error = accounts.create(&user("ana")).await.unwrap_err();
    let CreateError::Unavailable(error) = error else { panic!("{error:?}") };
    assert_eq!(error.to_string(), "dynamodb TransactWriteItems accounts: TransactionConflict");
}

#[tokio::test]
async fn a_refusal_beside_a_conflict_is_a_refusal() {
    let endpoint = scripted(&[(400, REFUSED)]).await;
    let leases = DynamoLeases::new(AwsClients::new(quick(&endpoint).await).dynamo(), "sessions");
    let task = TaskId::from_random(random());
    let taken = leases.take(Shard::from_stored(0), &task, None, false).await;
    assert_eq!(taken, Err(LeaseError::Revoked), "the first write checks the task");
}
