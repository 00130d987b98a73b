//! A number with 2,000 chats and 50,000 messages: it is stored as its history comes, and its list of chats is read in a bounded
//! number of requests, whatever the messages are. What it took is printed (`--nocapture`) and not asserted: it depends on the machine.

use crate::chat_samples::{received, text_of};
use crate::samples::phone;
use crate::support::store::Store;
use carteiro_aws::dynamo::DynamoChats;
use carteiro_aws::{AwsClients, CallCounter};
use carteiro_core::chat::{Address, Chat, Message, Person};
use carteiro_core::ports::{ChatReader, ChatWriter};
use carteiro_core::retention::RetentionDays;
use std::collections::BTreeMap;
use std::time::Instant;

const CHATS: u32 = 2_000;
/// How many messages come with one part of history.
const PART: usize = 1_000;

fn who(n: u32) -> Address {
    Address::of_phone(&phone(10_000 + n))
}

/// The requests and the units, read and written, by operation, since the last look.
fn take(counter: &CallCounter) -> BTreeMap<String, (u64, f64)> {
    let calls = counter.snapshot();
    counter.reset();
    calls.into_iter().map(|(name, c)| (name, (c.requests, c.read_units + c.write_units))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_chats_are_one_or_two_requests() {
    // This emulator does not count what a query reads.
    list(Store::ministack().await, 50_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_chats_cost_less_than_a_hundred_units() {
    // What the chats say costs nothing here: fewer messages tell the same.
    let units = list(Store::dynoxide().await, 2 * CHATS).await;
    assert!((1.0..=100.0).contains(&units), "{units}");
}

/// Stores everything and reads the list of chats: the units that it took.
#[allow(clippy::print_stdout, reason = "it says what it measured")]
async fn list(store: Store, count: u32) -> f64 {
    let counter = CallCounter::default();
    let client = AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();
    let (chats, number) = (DynamoChats::new(client, &store.chats_table), phone(1));

    let began = Instant::now();
    let list: Vec<Chat> = (0..CHATS)
        .map(|n| Chat { name: Some(format!("Pessoa {n}")), ..Chat::new(who(n), Some(Person::from(who(n)))) })
        .collect();
    // The latest message of each chat first, as phones send them.
    let messages: Vec<Message> = (0..count)
        .rev()
        .map(|n| received(&who(n % CHATS), &format!("3EB0{n:08X}"), n.into(), &format!("Mensagem {n}, olá!")))
        .collect();
    for (place, part) in messages.chunks(PART).enumerate() {
        let with = if place == 0 { list.as_slice() } else { &[] };
        chats.add_history(&number, with, part, RetentionDays::default()).await.unwrap();
    }
    println!("stored in {:?}: {:?}", began.elapsed(), take(&counter));

    let began = Instant::now();
    let all = chats.chats(&number, None, 5_000).await.unwrap();
    let (took, cost) = (began.elapsed(), take(&counter));
    println!("2,000 chats read in {took:?}: {cost:?}");
    assert_eq!((all.items.len(), all.next), (CHATS as usize, None));
    assert!(all.items.windows(2).all(|two| two[0].last_at >= two[1].last_at), "the latest first");
    let (requests, units) = cost["dynamodb Query"];
    assert_eq!(cost.len(), 1, "nothing but the list is read: {cost:?}");
    assert!(requests <= 2, "{cost:?}");

    let began = Instant::now();
    let all = chats.chats_with_last(&number, None, CHATS as usize).await.unwrap();
    println!("with their latest messages in {:?}: {:?}", began.elapsed(), take(&counter));
    let last = all.items.iter().map(|chat| text_of(chat.last.as_ref().unwrap()));
    assert!(last.eq((count - CHATS..count).rev().map(|n| format!("Mensagem {n}, olá!"))));

    // A page of a chat costs what the page holds.
    let page = chats.messages(&number, &who(7), None, 1).await.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (1, true));
    let cost = take(&counter);
    assert!(cost["dynamodb Query"].0 == 1 && cost["dynamodb Query"].1 <= 3.0, "{cost:?}");
    units
}
