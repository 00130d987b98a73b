//! Keys, and the order that they give.

use crate::dynamo::item::{by_time, time_bound};
use carteiro_core::ids::{SendId, UserId};
use carteiro_core::phone::Phone;
use carteiro_core::place::Place;
use carteiro_core::ports::{Line, Parked};
use jiff::Timestamp;

/// What the partition of a send begins with.
const SEND: &str = "SEND#";
/// The sort key of a send's item.
pub(in crate::dynamo) const SK: &str = "SEND";
/// Over how many partitions the index `due` is spread.
pub(super) const DUE_BUCKETS: u8 = 8;

/// The partition of a send.
pub(in crate::dynamo) fn pk(id: SendId) -> String {
    format!("{SEND}{id}")
}

/// The id of the send whose partition this is.
pub(in crate::dynamo) fn id_of_pk(pk: &str) -> Option<SendId> {
    pk.strip_prefix(SEND)?.parse().ok()
}

/// The partition of `by_number`.
pub(in crate::dynamo) fn number_pk(user: UserId, number: &Phone) -> String {
    format!("{user}#{}", number.digits())
}

/// Sorts by the time of acceptance; of those accepted in one microsecond, by id.
pub(super) fn accepted_sk(at: Timestamp, id: SendId) -> String {
    by_time(Place { at, id })
}

/// Reads what [`accepted_sk`] wrote.
pub(super) fn accepted(sk: &str) -> Option<(Timestamp, SendId)> {
    let (micros, id) = sk.split_once('#')?;
    Some((Timestamp::from_microsecond(micros.parse().ok()?).ok()?, id.parse().ok()?))
}

/// Sorts by a send's place in its number's line. Of those that begin in one microsecond, scheduled ones come first, in the order of
/// their acceptance.
pub(in crate::dynamo) fn place_sk(place: &Parked) -> String {
    if place.begins_at == place.queued_at {
        return accepted_sk(place.queued_at, place.id);
    }
    format!("{}!{}", time_bound(place.begins_at), accepted_sk(place.queued_at, place.id))
}

/// Reads what [`place_sk`] wrote.
pub(super) fn place(sk: &str) -> Option<Parked> {
    let (begins_at, accepted_sk) = match sk.split_once('!') {
        Some((micros, rest)) => (Some(Timestamp::from_microsecond(micros.parse().ok()?).ok()?), rest),
        None => (None, sk),
    };
    let (queued_at, id) = accepted(accepted_sk)?;
    Some(Parked { begins_at: begins_at.unwrap_or(queued_at), queued_at, id })
}

/// The partition of `due` that a send is in: a hash (FNV-1a) of its id, stable for ever.
pub(super) fn due_pk(id: SendId) -> String {
    let hash = id
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of FNV depend on the low bits of the bytes alone.
    bucket_pk(((hash >> 32) % u64::from(DUE_BUCKETS)) as u8)
}

/// The partition of `due` of that number.
pub(super) fn bucket_pk(bucket: u8) -> String {
    format!("DUE#{bucket}")
}

/// Sorts by the time that a sweep is due.
pub(super) fn due_sk(at: Timestamp, id: SendId) -> String {
    format!("{}#{id}", due_bound(at))
}

/// Sorts before everything due at this time, in milliseconds, or later.
pub(super) fn due_bound(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

/// The partition of `in_line` that a number's pending sends are in.
pub(super) fn line_pk(number: &Phone, line: Line) -> String {
    let kind = match line {
        Line::Open => "LINE",
        Line::Scheduled => "SCHEDULED",
    };
    format!("{kind}#{}", number.digits())
}

/// The partition of a number's parked sends.
pub(in crate::dynamo) fn parked_pk(number: &Phone) -> String {
    format!("PARKED#{}", number.digits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_microsecond(micros).unwrap()
    }

    #[test]
    fn keys_sort_as_times_do() {
        let id = SendId::from_random([0xff; 16]);
        assert!(accepted_sk(at(9), id) < accepted_sk(at(10), id));
        assert!(time_bound(at(10)) < accepted_sk(at(10), id));
        assert!(accepted_sk(at(10), id) < time_bound(at(11)));
        assert_eq!(
            accepted(&accepted_sk(at(1_700_000_000_123_456), id)),
            Some((at(1_700_000_000_123_456), id))
        );
        assert_eq!(accepted("x"), None);
        assert!(due_sk(at(9_999_000), id) < due_bound(at(10_000_000)));
    }

    #[test]
    fn places_read_back_and_sort_as_they_compare() {
        let mut places = Vec::new();
        for (queued, later) in (0..4).flat_map(|queued| (0..4).map(move |later| (queued, later))) {
            let ids = [0, 0xff].map(|id| SendId::from_random([id; 16]));
            let (begins_at, queued_at) = (at(queued + later), at(queued));
            places.extend(ids.map(|id| Parked { begins_at, queued_at, id }));
        }
        for one in &places {
            assert_eq!(place(&place_sk(one)).as_ref(), Some(one));
            for other in &places {
                assert_eq!(place_sk(one).cmp(&place_sk(other)), one.cmp(other), "{one:?} {other:?}");
            }
        }
        assert_eq!(place("x!1#y"), None);
    }

    #[test]
    fn sends_are_spread_over_all_buckets_and_stay_there() {
        let buckets: BTreeSet<String> = (0..=255u8).map(|n| due_pk(SendId::from_random([n; 16]))).collect();
        assert_eq!(buckets.len(), usize::from(DUE_BUCKETS));
        assert_eq!(due_pk(SendId::from_random([0; 16])), due_pk(SendId::from_random([0; 16])));
    }
}
