//! A million rows, through runs that fail and die, in bounded memory. In a process of its own, so that its memory is its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use async_trait::async_trait;
use bytes::Bytes;
use carteiro_core::ids::ExportId;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Exports, ObjectParts, PartTag, PartsError, PartsId, Unavailable};
use carteiro_core::report::{Export, ExportForm, ExportState, Item, Separator};
use carteiro_core::testing::{
    LongHistory, ManualClock, MemoryExportQueue, MemoryExports, MemoryObjects, Trouble, Troubled, Troubles,
};
use carteiro_core::usecase::{Ran, WriteExport};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

const ROWS: usize = 1_000_000;
/// What a part may have at most: 8 MiB and a row.
const LARGEST_PART: usize = (8 << 20) + 1_000;
/// By how much the process may grow meanwhile: some parts, whatever the file's size.
const MEMORY: u64 = 32 << 20;

/// Which rows a part holds, which is all that is kept of it.
#[derive(Debug, Clone)]
struct Part {
    tag: PartTag,
    rows: Range<usize>,
    bytes: usize,
}

/// A bucket that reads what it is given and keeps none of it.
#[derive(Default)]
struct Reader {
    parts: Mutex<BTreeMap<u32, Part>>,
    written: Mutex<usize>,
    file: Mutex<Option<Vec<Part>>>,
}

impl Reader {
    /// The rows of a part: whole ones, in order, each as it must be.
    fn read(number: u32, bytes: &[u8]) -> Range<usize> {
        let text = std::str::from_utf8(bytes).unwrap();
        assert_eq!(text.starts_with('\u{feff}'), number == 1, "a file has one beginning");
        let rows = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.strip_prefix(&format!("{}\r\n", Item::FIELDS.join(";"))).unwrap(),
            None => text,
        };
        let mut places: Option<Range<usize>> = None;
        for row in rows.strip_suffix("\r\n").unwrap().split("\r\n") {
            let message = row.split(';').nth(3).unwrap();
            let place: usize =
                message.strip_prefix("\"envio ").unwrap().split('"').next().unwrap().parse().unwrap();
            assert_eq!(message, format!("\"envio {place}"), "the message goes on behind the semicolon");
            assert!(row.contains(LongHistory::status(place).as_str()), "{row}");
            let next = places.map_or(place..place, |places| places);
            assert_eq!(next.end, place, "a row is missing, or there twice");
            places = Some(next.start..place + 1);
        }
        places.unwrap()
    }
}

#[async_trait]
impl ObjectParts for Reader {
    async fn begin(&self, _: &ObjectKey, content_type: &str) -> Result<PartsId, Unavailable> {
        assert_eq!(content_type, "text/csv; charset=utf-8");
        self.parts.lock().unwrap().clear();
        Ok(PartsId::from_stored("upload"))
    }

    async fn put_part(
        &self,
        _: &ObjectKey,
        _: &PartsId,
        number: u32,
        bytes: Bytes,
    ) -> Result<PartTag, PartsError> {
        assert!(bytes.len() <= LARGEST_PART, "{} bytes", bytes.len());
        let mut written = self.written.lock().unwrap();
        *written += 1;
        let tag = PartTag::from_stored(format!("tag-{written}"));
        let part = Part { tag: tag.clone(), rows: Self::read(number, &bytes), bytes: bytes.len() };
        self.parts.lock().unwrap().insert(number, part);
        match *written % 5 {
            // The answer is lost: the part is written again, and its tag is another.
            3 => Err(PartsError::Unavailable(Unavailable::new("put", "lost"))),
            _ => Ok(tag),
        }
    }

    async fn complete(&self, _: &ObjectKey, _: &PartsId, tags: &[PartTag]) -> Result<(), PartsError> {
        let parts = self.parts.lock().unwrap();
        let mut file = Vec::new();
        for (number, tag) in (1..).zip(tags) {
            let part = parts.get(&number).filter(|part| part.tag == *tag).ok_or(PartsError::Gone)?;
            file.push(part.clone());
        }
        *self.file.lock().unwrap() = Some(file);
        Ok(())
    }

    async fn abort(&self, _: &ObjectKey, _: &PartsId) -> Result<(), Unavailable> {
        panic!("nothing is given up here")
    }
}

/// The most memory that this process has had, in bytes; none where the system does not tell (it is Linux that does).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024)
}

#[tokio::test]
async fn a_million_rows_are_written_once_and_in_order_by_runs_that_fail_and_die() {
    let clock: Arc<ManualClock> = Arc::default();
    let (number, first) = ("5511999999999".parse().unwrap(), Timestamp::from_second(1_600_000_000).unwrap());
    // A page takes 500 ms, so that a run writes some 180,000 rows.
    let (step, page_takes) = (SignedDuration::from_secs(1), SignedDuration::from_millis(500));
    let history = Arc::new(LongHistory::new(number, ROWS, first, step, clock.clone(), page_takes));
    let (exports, queue, reader, troubles): (
        Arc<MemoryExports>,
        Arc<MemoryExportQueue>,
        Arc<Reader>,
        Arc<Troubles>,
    ) = Default::default();
    let objects: Arc<MemoryObjects> = Arc::default();
    let write = WriteExport::new(
        Arc::new(Troubled::new(history.clone(), troubles.clone())),
        Arc::new(Troubled::new(exports.clone(), troubles.clone())),
        Arc::new(Troubled::new(queue.clone(), troubles.clone())),
        Arc::new(Troubled::new(reader.clone(), troubles.clone())),
        Arc::new(Troubled::new(objects, troubles.clone())),
        clock.clone(),
    );
    for (call, trouble) in (1..14).map(|n| n * 173).zip(Trouble::ALL.into_iter().cycle()) {
        troubles.plan(call, trouble);
    }
    let id = ExportId::from_random([9; 16]);
    let (zone, form) = (TimeZone::get("America/Sao_Paulo").unwrap(), ExportForm::Csv(Separator::Semicolon));
    let export =
        Export::new(id, history.subject(), zone, form, Timestamp::from_second(1_700_000_000).unwrap());
    exports.create(&export).await.unwrap();

    let before = peak_memory();
    let (mut runs, mut deaths) = (0, 0);
    loop {
        runs += 1;
        assert!(runs < 100, "it is never over");
        let ran = write.run(id).await;
        let died = troubles.revive();
        deaths += usize::from(died);
        match ran {
            Ok(Ran::Ready(rows)) if !died => {
                assert_eq!(rows, ROWS as u64);
                break;
            }
            // What is in the queue comes after its delay; what was not deleted from it when it is visible again.
            _ => clock.advance(SignedDuration::from_secs(360)),
        }
    }
    let grown = peak_memory().zip(before).map_or(0, |(after, before)| after - before);

    let file = reader.file.lock().unwrap().clone().unwrap();
    assert!(
        file.iter()
            .map(|part| part.rows.start)
            .eq(std::iter::once(0).chain(file.iter().map(|part| part.rows.end)).take(file.len()))
    );
    assert_eq!(file.last().unwrap().rows.end, ROWS);
    assert!(
        file.iter().rev().skip(1).all(|part| part.bytes >= 5 << 20),
        "S3 wants 5 MiB of all but the last part"
    );
    let size: usize = file.iter().map(|part| part.bytes).sum();
    let written = *reader.written.lock().unwrap();
    assert!(
        runs > 10 && deaths >= 4 && written > file.len(),
        "{runs} runs, {deaths} deaths, {written} parts"
    );
    assert!(
        size > 3 * MEMORY as usize && grown < MEMORY,
        "{size} bytes were written, the memory grew by {grown}"
    );
    let export = exports.find(id).await.unwrap().unwrap();
    assert_eq!((export.state, export.progress.rows), (ExportState::Ready, ROWS as u64));
    assert_eq!(history.largest_page(), 500);
}
