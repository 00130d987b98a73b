//! Batches of which some entries fail.

use aws_sdk_sqs::types::BatchResultErrorEntry;
use carteiro_core::ports::Unavailable;
use std::collections::BTreeMap;

/// The most entries of one batch request.
pub(super) const MAX_ENTRIES: usize = 10;
/// How often entries that failed by the service's fault are tried.
const ATTEMPTS: usize = 3;

/// Makes `request` for all receipts, ten at a time, given as pairs of an entry's id and its receipt; it answers the entries
/// that failed. Those that failed by the service's fault are tried again; what fails in the end is summed up by code.
pub(super) async fn in_batches<F, R>(
    operation: &str,
    receipts: &[String],
    request: F,
) -> Result<(), Unavailable>
where
    F: Fn(Vec<(String, String)>) -> R,
    R: Future<Output = Result<Vec<BatchResultErrorEntry>, Unavailable>>,
{
    let mut codes = BTreeMap::<String, usize>::new();
    for chunk in receipts.chunks(MAX_ENTRIES) {
        let mut left: Vec<(String, String)> =
            chunk.iter().enumerate().map(|(place, receipt)| (place.to_string(), receipt.clone())).collect();
        for attempt in 1..=ATTEMPTS {
            let failed = request(left.clone()).await?;
            let (again, lost): (Vec<_>, Vec<_>) =
                failed.into_iter().partition(|entry| !entry.sender_fault && attempt < ATTEMPTS);
            lost.into_iter().for_each(|entry| *codes.entry(entry.code).or_default() += 1);
            left.retain(|(id, _)| again.iter().any(|entry| entry.id == *id));
            if left.is_empty() {
                break;
            }
        }
    }
    if codes.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = codes.iter().map(|(code, count)| format!("{code} ×{count}")).collect();
    Err(Unavailable::new(operation, reasons.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn failure(id: &str, code: &str, by_sender: bool) -> BatchResultErrorEntry {
        BatchResultErrorEntry::builder().id(id).code(code).sender_fault(by_sender).build().unwrap()
    }

    #[tokio::test]
    async fn only_the_services_faults_are_tried_again() {
        let receipts: Vec<String> = (0..12).map(|n| format!("r{n}")).collect();
        let asked = Mutex::new(Vec::new());
        let result = in_batches("sqs X", &receipts, |entries| {
            let mut asked = asked.lock().unwrap();
            asked.push(entries.iter().map(|(_, receipt)| receipt.clone()).collect::<Vec<_>>());
            let failed = match asked.len() {
                1 => vec![failure("1", "InternalError", false), failure("2", "ReceiptHandleIsInvalid", true)],
                _ => vec![],
            };
            async { Ok(failed) }
        });
        assert_eq!(result.await.unwrap_err().to_string(), "sqs X: ReceiptHandleIsInvalid ×1");
        let asked = asked.into_inner().unwrap();
        assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [10, 1, 2]);
        assert_eq!(asked[1], ["r1"]);
    }

    #[tokio::test]
    async fn it_gives_up_in_the_end() {
        let receipts = ["r".to_owned()];
        let result = in_batches("sqs X", &receipts, |entries| async move {
            Ok(vec![failure(&entries[0].0, "InternalError", false)])
        });
        assert_eq!(result.await.unwrap_err().reason, "InternalError ×1");
    }
}
