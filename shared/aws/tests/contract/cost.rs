//! What requests cost, as counted by [`CallCounter`]: the tables at the head of each adapter are held to it.

use crate::samples::{api_key, at, phone, send, user, user_id, worker};
use crate::support::store::Store;
use carteiro_aws::dynamo::{
    DynamoAccounts, DynamoApiKeys, DynamoNumbers, DynamoPreparations, DynamoSends, DynamoUsage,
    DynamoWhatsAppStates,
};
use carteiro_aws::{AwsClients, CallCounter};
use carteiro_core::lease::Epoch;
use carteiro_core::number::NumberChange;
use carteiro_core::ports::{
    Accounts, ApiKeys, Line, Numbers, Preparations, Sends, StateKey, StateWrite, Usage, WhatsAppStates,
};
use carteiro_core::send::Step;
use carteiro_core::shard::Shard;
use carteiro_core::user::User;
use std::time::Duration;

/// The requests made since the last look, by operation.
fn requests(counter: &CallCounter) -> Vec<(String, u64)> {
    let calls = counter.snapshot();
    counter.reset();
    calls.into_iter().map(|(operation, calls)| (operation, calls.requests)).collect()
}

fn one(operation: &str) -> Vec<(String, u64)> {
    vec![(format!("dynamodb {operation}"), 1)]
}

#[tokio::test]
async fn each_access_makes_the_requests_that_it_says() {
    let store = Store::ministack().await;
    let counter = CallCounter::default();
    let client = AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();

    let sends = DynamoSends::new(client.clone(), &store.sends_table);
    let send = send(user_id(), &phone(1), at(0));
    sends.create(&send, at(60)).await.unwrap();
    assert_eq!(requests(&counter), one("PutItem"));
    sends.create(&send, at(60)).await.unwrap();
    assert_eq!(requests(&counter), one("PutItem"), "a doubled create reads nothing");
    sends.apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    sends.apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    assert_eq!(requests(&counter), [("dynamodb UpdateItem".to_owned(), 2)], "a refused step reads nothing");
    sends.find(send.id).await.unwrap();
    assert_eq!(requests(&counter), one("GetItem"));

    sends.waiting(&send.from, Line::Open, 10_000).await.unwrap();
    assert_eq!(requests(&counter), one("Query"));

    let usage = DynamoUsage::new(client.clone(), &store.sends_table);
    let day = jiff::civil::date(2026, 11, 22);
    usage.count(send.user, day, Some(1)).await.unwrap();
    assert_eq!(requests(&counter), one("UpdateItem"));
    usage.count(send.user, day, Some(1)).await.unwrap();
    assert_eq!(requests(&counter), one("UpdateItem"), "a refused count reads nothing");
    usage.counted(send.user, day, day).await.unwrap();
    assert_eq!(requests(&counter), one("Query"));
    DynamoPreparations::new(client.clone(), &store.sends_table).find(send.id).await.unwrap();
    assert_eq!(requests(&counter), one("GetItem"));

    let accounts = DynamoAccounts::new(client.clone(), &store.accounts_table);
    let ana = user("ana");
    accounts.create(&ana).await.unwrap();
    assert_eq!(requests(&counter), one("TransactWriteItems"));
    let numbers = DynamoNumbers::new(client.clone(), &store.accounts_table);
    numbers.apply(ana.id, &[NumberChange::Add(worker(1), Shard::from_stored(0))], 9).await.unwrap();
    let expected = ["Query", "TransactWriteItems"].map(|o| (format!("dynamodb {o}"), 1));
    assert_eq!(requests(&counter), expected);

    let states = DynamoWhatsAppStates::new(client, &store.sessions_table);
    let state = states.open(&(&phone(1)).into(), Epoch::FIRST).await.unwrap();
    assert_eq!(requests(&counter), one("UpdateItem"));
    let blobs = (0..40).map(|n| StateWrite::Put(StateKey::new(format!("k{n}")).unwrap(), vec![0; 300]));
    state.commit(blobs.collect()).await.unwrap();
    let units = counter.snapshot()["dynamodb TransactWriteItems"].write_units;
    assert_eq!(requests(&counter), one("TransactWriteItems"));
    assert!(
        units >= 80.0,
        "40 blobs of up to a kilobyte in a transaction cost 80 units at least, not {units}"
    );
}

#[tokio::test]
async fn who_is_asking_costs_the_same_found_or_not() {
    let store = Store::ministack().await;
    let counter = CallCounter::default();
    let client = AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();
    let accounts = DynamoAccounts::new(client.clone(), &store.accounts_table);
    let keys = DynamoApiKeys::new(client, &store.accounts_table);
    let ana = User { token: None, ..user("ana") };
    let (key, unknown) = (api_key(&ana, 0), api_key(&ana, 1));
    accounts.create_with_key(&ana, &key).await.unwrap();
    assert_eq!(requests(&counter), one("TransactWriteItems"));
    let two_reads = [("dynamodb GetItem".to_owned(), 2)];
    for (hash, is_there) in [(&key.hash, true), (&unknown.hash, false)] {
        assert_eq!(accounts.find_by_token(hash).await.unwrap().is_some(), is_there);
        assert_eq!(requests(&counter), two_reads);
    }
    for (identity, is_there) in [(&ana.identities()[0], true), (&user("bia").identities()[0], false)] {
        assert_eq!(accounts.find_by_identity(identity).await.unwrap().is_some(), is_there);
        assert_eq!(requests(&counter), two_reads);
    }

    let read_and_write = ["Query", "TransactWriteItems"].map(|o| (format!("dynamodb {o}"), 1));
    keys.list(ana.id).await.unwrap();
    assert_eq!(requests(&counter), one("Query"));
    keys.add(&unknown, at(1)).await.unwrap();
    assert_eq!(requests(&counter), read_and_write);
    keys.rotate(unknown.id, at(60), &api_key(&ana, 2), at(2)).await.unwrap();
    assert_eq!(requests(&counter), read_and_write);
    keys.revoke(ana.id, unknown.id).await.unwrap();
    assert_eq!(requests(&counter), read_and_write);
    accounts.page(None, 10).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem", "Query"].map(|o| (format!("dynamodb {o}"), 1)));
    accounts.remove(&ana).await.unwrap();
    assert_eq!(requests(&counter), read_and_write);
}

#[tokio::test]
async fn requests_that_are_repeated_count_each_time() {
    let counter = CallCounter::default();
    let config = crate::support::stack::config("http://127.0.0.1:1").await.into_builder();
    let quick = aws_config::retry::RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let clients = AwsClients::new(config.retry_config(quick).build()).counting(counter.clone());
    let sends = DynamoSends::new(clients.dynamo(), "sends");
    sends.find(crate::samples::send_id()).await.unwrap_err();
    assert_eq!(requests(&counter), [("dynamodb GetItem".to_owned(), 3)]);
}
