//! Several writes, all or none.

use super::backoff;
use super::item::Item;
use super::table::Table;
use super::write::Write;
use crate::failure::{lasts, unavailable};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use carteiro_core::ports::Unavailable;

/// The most writes of one transaction.
pub(super) const MAX_WRITES: usize = 100;

/// Why a transaction was not made. Nothing of it was.
pub(super) enum Cancelled {
    /// Conditions were not met.
    Refused(Refusals),
    /// It met other writes of the same items every time it was tried.
    Conflict,
    /// The store failed.
    Unavailable(Unavailable),
}

impl Cancelled {
    /// A cancellation that the caller has no other name for.
    pub(super) fn into_unavailable(self, operation: String) -> Unavailable {
        match self {
            Cancelled::Refused(_) => Unavailable::new(operation, "a condition was not met"),
            Cancelled::Conflict => Unavailable::new(operation, "TransactionConflict"),
            Cancelled::Unavailable(unavailable) => unavailable,
        }
    }
}

/// Which writes of a transaction were refused, by their place in it.
pub(super) struct Refusals(Vec<Option<Option<Item>>>);

impl Refusals {
    /// What was refused at a place: the item as it is, if it is there.
    pub(super) fn at(&self, place: usize) -> Option<Option<&Item>> {
        self.0.get(place)?.as_ref().map(Option::as_ref)
    }

    /// Whether the write at a place was refused.
    pub(super) fn has(&self, place: usize) -> bool {
        self.at(place).is_some()
    }

    /// The places of the refused writes.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len()).filter(|place| self.has(*place))
    }
}

/// Codes of a cancellation that another try may not meet.
const PASSING: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

enum Verdict {
    Refused(Refusals),
    Again,
    Final {
        codes: String,
        /// Whether every further try gets them too.
        lasting: bool,
    },
}

fn judge(reasons: Vec<CancellationReason>) -> Verdict {
    let is = |reason: &CancellationReason, code: &str| reason.code.as_deref() == Some(code);
    if reasons.iter().any(|reason| is(reason, "ConditionalCheckFailed")) {
        let refused = |reason: CancellationReason| {
            is(&reason, "ConditionalCheckFailed")
                .then(|| reason.item.filter(|item| !item.is_empty()).map(Item))
        };
        return Verdict::Refused(Refusals(reasons.into_iter().map(refused).collect()));
    }
    let bad =
        |reason: &&CancellationReason| !PASSING.iter().any(|code| is(reason, code)) && !is(reason, "None");
    let bad: Vec<&str> = reasons.iter().filter(bad).filter_map(CancellationReason::code).collect();
    if bad.is_empty() {
        return Verdict::Again;
    }
    Verdict::Final { codes: bad.join(", "), lasting: bad.into_iter().any(lasts) }
}

impl Table {
    /// Makes all the writes (at most [`MAX_WRITES`], each of another item) or none.
    pub(super) async fn transact(&self, writes: &[Write]) -> Result<(), Cancelled> {
        let operation = self.operation("TransactWriteItems");
        let failed = |reason: String| Cancelled::Unavailable(Unavailable::new(operation.clone(), reason));
        let mut attempt = 1;
        loop {
            let items = writes.iter().map(|write| write.in_transaction(&self.name));
            let items = items.collect::<Result<Vec<_>, _>>().map_err(|e| failed(e.to_string()))?;
            // The SDK gives each request a token of its own, so its repetition after a lost answer is no second write.
            let answer = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
            let Err(error) = answer else { return Ok(()) };
            let failure = unavailable(&operation, &error);
            let reasons = match error {
                SdkError::ServiceError(service) => match service.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(e) => e.cancellation_reasons,
                    _ => None,
                },
                _ => None,
            };
            match reasons.map(judge) {
                Some(Verdict::Refused(refusals)) => return Err(Cancelled::Refused(refusals)),
                Some(Verdict::Final { codes, lasting }) => {
                    let failure = Unavailable { lasting, ..Unavailable::new(operation, codes) };
                    return Err(Cancelled::Unavailable(failure));
                }
                Some(Verdict::Again) if attempt < backoff::ATTEMPTS => backoff::wait(attempt).await,
                Some(Verdict::Again) => return Err(Cancelled::Conflict),
                None => return Err(Cancelled::Unavailable(failure)),
            }
            attempt += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    #[test]
    fn a_refusal_goes_before_a_conflict() {
        let verdict =
            judge(vec![reason("None"), reason("TransactionConflict"), reason("ConditionalCheckFailed")]);
        let Verdict::Refused(refusals) = verdict else { panic!("refused") };
        assert_eq!(refusals.places().collect::<Vec<_>>(), [2]);
        assert!(refusals.at(2).unwrap().is_none());
    }

    #[test]
    fn conflicts_and_throttling_pass() {
        assert!(matches!(judge(vec![reason("None"), reason("TransactionConflict")]), Verdict::Again));
        assert!(matches!(judge(vec![reason("ThrottlingError")]), Verdict::Again));
        for (code, lasts) in
            [("ValidationError", true), ("ItemCollectionSizeLimitExceeded", true), ("AccessDenied", false)]
        {
            let verdict = judge(vec![reason("ThrottlingError"), reason(code)]);
            let Verdict::Final { codes, lasting } = verdict else { panic!("{code} is final") };
            assert_eq!((codes.as_str(), lasting), (code, lasts));
        }
    }
}
