use super::*;
use proptest::prelude::*;

fn number(text: &str) -> Phone {
    text.parse().unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
}

fn about(who: &str) -> Query {
    Query::About { who: Address::of_phone(&number(who)) }
}

fn picture(who: &str) -> Query {
    Query::Picture { who: Address::of_phone(&number(who)) }
}

fn validated(people: &[bool]) -> Answer {
    let numbers = people.iter().map(|there| Validation {
        asked: number("5511966665555"),
        person: there.then(|| Person::from(Address::of_phone(&number("5511966665555")))),
        business: false,
    });
    Answer::Validated { numbers: numbers.collect() }
}

#[test]
fn the_same_question_has_one_id_and_another_one_another() {
    let (ours, theirs) = (number("5511988887777"), number("5511988886666"));
    let (ana, bia) = ("5511966665555", "5511966664444");
    let id = picture(ana).memory_id(&ours).unwrap();
    assert_eq!(picture(ana).memory_id(&ours), Some(id));
    let others = [
        picture(bia).memory_id(&ours),
        picture(ana).memory_id(&theirs),
        picture(ana).flight_id(&ours, at(0)),
        about(ana).flight_id(&ours, at(0)),
        Query::Validate { numbers: vec![number(ana)] }.memory_id(&ours),
        Query::Validate { numbers: vec![number(ana), number(bia)] }.memory_id(&ours),
        Query::Validate { numbers: vec![number(bia), number(ana)] }.memory_id(&ours),
    ];
    for (index, other) in others.iter().enumerate() {
        assert!(other.is_some_and(|other| other != id), "{index}");
        assert_eq!(others.iter().filter(|one| *one == other).count(), 1, "{index}");
    }
    assert_eq!(about(ana).memory_id(&ours), None, "what people say of themselves is asked each time");
}

#[test]
fn what_changes_something_is_asked_each_time() {
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    for query in [
        Query::LeaveGroup { group: group.clone() },
        Query::Group { group: group.clone() },
        Query::MarkRead { chat: group.clone() },
        Query::MarkUnread { chat: group.clone() },
        Query::MoreHistory { chat: group, count: 50 },
        Query::JoinGroup { code: "AbCdEfGhIjKlMnOpQrStUv".parse().unwrap() },
    ] {
        assert_eq!(query.flight_id(&number("5511988887777"), at(0)), None, "{query:?}");
        assert_eq!(query.memory_id(&number("5511988887777")), None, "{query:?}");
    }
}

#[test]
fn that_someone_is_absent_is_believed_for_less_long() {
    assert_eq!(validated(&[true, true]).kept_for(), Some(VALIDATION_LIFETIME));
    assert_eq!(validated(&[true, false]).kept_for(), Some(ABSENCE_LIFETIME));
    assert_eq!(Answer::Picture { picture: None }.kept_for(), Some(PICTURE_LIFETIME));
    assert_eq!(Answer::Failed { why: QueryFailure::NotConnected }.kept_for(), None);
    assert_eq!(Answer::Online { online: true }.kept_for(), None);
}

proptest! {
    #[test]
    fn a_flight_lasts_as_long_as_one_waits(millis in 0i64..1_000_000, later in 0i64..30_000) {
        let ours = number("5511988887777");
        let (first, second) = (at(millis), at(millis + later));
        let same = about("5511966665555").flight_id(&ours, first) == about("5511966665555").flight_id(&ours, second);
        let patience = PATIENCE.as_millis() as i64;
        let window = |time: Timestamp| time.as_millisecond().div_euclid(patience);
        prop_assert_eq!(same, window(first) == window(second));
        prop_assert!(later < patience || !same);
    }
}
