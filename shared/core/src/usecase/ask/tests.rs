use super::*;
use crate::chat::{Address, Person};
use crate::query::{ANSWER_LIFETIME, VALIDATION_LIFETIME, Validation};
use crate::testing::{ManualClock, MemoryAnswers, MemoryShardSender, SeededRandom, SleepLog};
use jiff::SignedDuration;

struct World {
    shards: Arc<MemoryShardSender>,
    answers: Arc<MemoryAnswers>,
    clock: Arc<ManualClock>,
    sleeper: Arc<SleepLog>,
    ask: Ask,
}

impl World {
    fn new() -> Self {
        let (shards, answers, clock) = (
            Arc::<MemoryShardSender>::default(),
            Arc::<MemoryAnswers>::default(),
            Arc::<ManualClock>::default(),
        );
        let sleeper = Arc::new(SleepLog::new(clock.clone()));
        let ask = Ask::new(AskPorts {
            shards: shards.clone(),
            answers: answers.clone(),
            clock: clock.clone(),
            sleeper: sleeper.clone(),
            random: Arc::new(SeededRandom::new(3)),
        });
        Self { shards, answers, clock, sleeper, ask }
    }

    /// Has the session answer what was asked last, during the sleep of that index.
    fn answer_during(&self, sleep: usize, answer: Answer) {
        let (shards, answers, clock) = (self.shards.clone(), self.answers.clone(), self.clock.clone());
        self.sleeper.during(sleep, move || {
            let Some(ShardCommand::Query { asked, .. }) = shards.pushed().last().map(|p| p.command.clone())
            else {
                panic!("a question")
            };
            answers.leave(asked.id, answer, clock.now() + ANSWER_LIFETIME);
        });
    }

    async fn ask(&self, query: Query) -> Result<Answer, AskError> {
        self.ask.ask(&number(), shard(), query).await
    }

    fn asked(&self) -> Vec<Asked> {
        let pushed = self.shards.pushed();
        let asked = pushed.into_iter().map(|pushed| {
            assert_eq!(pushed.shard, shard());
            let ShardCommand::Query { number: asked_of, asked } = pushed.command else {
                panic!("a question")
            };
            assert_eq!(asked_of, number());
            asked
        });
        asked.collect()
    }
}

fn number() -> Phone {
    "5511988887777".parse().unwrap()
}

fn shard() -> Shard {
    Shard::from_stored(7)
}

fn ana() -> Address {
    "5511966665555@s.whatsapp.net".parse().unwrap()
}

fn validate() -> Query {
    Query::Validate { numbers: vec![ana().phone().unwrap()] }
}

fn valid() -> Answer {
    let asked = ana().phone().unwrap();
    Answer::Validated {
        numbers: vec![Validation { asked, person: Some(Person::from(ana())), business: false }],
    }
}

#[tokio::test]
async fn a_question_is_asked_of_the_shard_and_its_answer_found() {
    let world = World::new();
    world.answer_during(4, Answer::Online { online: true });
    let asked_at = world.clock.now();
    assert_eq!(world.ask(Query::Online { who: ana() }).await, Ok(Answer::Online { online: true }));
    let asked = world.asked();
    assert_eq!((asked.len(), asked[0].deadline), (1, asked_at + PATIENCE));
    let waits: Vec<u128> = world.sleeper.slept().iter().map(Duration::as_millis).collect();
    assert_eq!(waits, [20, 40, 80, 160, 250]);
}

#[tokio::test]
async fn nobody_waits_past_the_deadline() {
    let world = World::new();
    assert_eq!(world.ask(Query::About { who: ana() }).await, Err(AskError::Failed(QueryFailure::TimedOut)));
    let waited: Duration = world.sleeper.slept().iter().sum();
    assert_eq!(SignedDuration::try_from(waited).unwrap(), PATIENCE);
}

#[tokio::test]
async fn a_failure_is_told_at_once() {
    let world = World::new();
    world.answer_during(0, Answer::Failed { why: QueryFailure::NotConnected });
    assert_eq!(world.ask(validate()).await, Err(AskError::Failed(QueryFailure::NotConnected)));
    assert_eq!(world.sleeper.slept().len(), 1);
}

#[tokio::test]
async fn an_answer_that_keeps_is_found_without_asking() {
    let world = World::new();
    let memory = validate().memory_id(&number()).unwrap();
    world.answers.leave(memory, valid(), world.clock.now() + VALIDATION_LIFETIME);
    assert_eq!(world.ask(validate()).await, Ok(valid()));
    assert!(world.asked().is_empty());
    world.clock.advance(VALIDATION_LIFETIME);
    world.answer_during(0, valid());
    assert_eq!(world.ask(validate()).await, Ok(valid()));
    assert_eq!(world.asked().len(), 1, "it was too old");
}

#[tokio::test]
async fn the_same_question_is_asked_once_for_all_who_ask_it_together() {
    let world = World::new();
    world.answer_during(0, Answer::About { text: None });
    for _ in 0..2 {
        assert_eq!(world.ask(Query::About { who: ana() }).await, Ok(Answer::About { text: None }));
    }
    assert_eq!(world.asked().len(), 1);
    world.clock.advance(PATIENCE);
    let slept = world.sleeper.slept().len();
    world.answer_during(slept, Answer::About { text: Some("oi".into()) });
    let again = world.ask(Query::About { who: ana() }).await;
    assert_eq!(again, Ok(Answer::About { text: Some("oi".into()) }), "an earlier answer is not given again");
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn what_changes_something_is_asked_each_time() {
    let world = World::new();
    for sleep in 0..2 {
        world.answer_during(sleep, Answer::Done);
        assert_eq!(world.ask(Query::MarkRead { chat: ana() }).await, Ok(Answer::Done));
    }
    let asked = world.asked();
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].id, asked[1].id);
}

#[tokio::test]
async fn outages_are_told() {
    let world = World::new();
    world.shards.switch.fail();
    assert!(matches!(world.ask(Query::MarkRead { chat: ana() }).await, Err(AskError::Unavailable(_))));
    world.shards.switch.recover();
    world.answers.switch.fail();
    assert!(matches!(world.ask(validate()).await, Err(AskError::Unavailable(_))));
    assert!(world.asked().is_empty(), "the memory was not there to be looked at");
}
