//! Stored operations in the background: bulk operations, exports, and those on personal data.

use super::by_hand;
use crate::ports::Ports;
use crate::samples::{at, phone, subject};
use carteiro_core::bulk::{Bulk, BulkFailure, BulkState, BulkWaiting};
use carteiro_core::ids::{BulkId, ExportId, IdempotencyKey, SendId, UserId};
use carteiro_core::ports::{PageKey, PartTag, PartsId};
use carteiro_core::privacy::{
    About, Names, PrivacyFailure, PrivacyKind, PrivacyOperation, PrivacyScope, PrivacyState,
};
use carteiro_core::report::{Export, ExportFailure, ExportForm, ExportState, Progress, Separator, Tally};
use carteiro_core::send::{RequestHash, Status};
use jiff::tz::TimeZone;

super::stored! {
    bulk_operations: bulks_are_written, bulks_are_read;
    bulk_operation_before_days: by_hand, bulk_before_days_is_read;
    exports: exports_are_written, exports_are_read;
    personal_data: privacy_is_written, privacy_is_read;
}

fn user() -> UserId {
    UserId::from_random([0x51; 16])
}

fn bulk(seed: u8, state: BulkState) -> Bulk {
    Bulk {
        id: BulkId::from_random([seed; 16]),
        user: user(),
        from: phone(1),
        total: 10_000,
        made: 400,
        settled: 380,
        state,
        waiting: None,
        request: RequestHash("00ff".into()),
        created_at: at(i64::from(seed)),
        send_at: None,
        expires_at: None,
        retention: 30.try_into().unwrap(),
        ended_at: None,
        turn: 9,
        wake_at: at(70),
        rest: 3,
        attempts: 2,
        busy_until: None,
        revision: 1,
    }
}

fn bulks() -> Vec<Bulk> {
    let waits = |seed, waiting| Bulk { waiting: Some(waiting), ..bulk(seed, BulkState::Running) };
    let over = |seed, state| Bulk { ended_at: Some(at(99)), ..bulk(seed, state) };
    let failed = |seed, failure| over(seed, BulkState::Failed(failure));
    vec![
        Bulk { send_at: Some(at(60)), expires_at: Some(at(600)), ..bulk(1, BulkState::Queued) },
        Bulk { busy_until: Some(at(80)), ..bulk(2, BulkState::Running) },
        bulk(3, BulkState::Paused),
        bulk(4, BulkState::Cancelling),
        over(5, BulkState::Cancelled),
        over(6, BulkState::Done),
        failed(7, BulkFailure::NotAWorker),
        failed(8, BulkFailure::PlanForbids),
        failed(9, BulkFailure::Expired),
        failed(10, BulkFailure::Lost),
        waits(11, BulkWaiting::Scheduled),
        waits(12, BulkWaiting::DailyLimit),
        waits(13, BulkWaiting::Backlog),
    ]
}

fn key(bulk: &Bulk) -> IdempotencyKey {
    format!("campanha-{}", bulk.id.as_bytes()[0]).parse().unwrap()
}

async fn bulks_are_written(ports: &Ports) {
    for mut bulk in bulks() {
        bulk.revision = 0;
        ports.bulks.create(&bulk, &key(&bulk), at(86_400)).await.unwrap();
        ports.bulks.save(&mut bulk).await.unwrap();
    }
}

async fn bulks_are_read(ports: &Ports) {
    for bulk in bulks() {
        assert_eq!(ports.bulks.find(bulk.id).await, Ok(Some(bulk.clone())));
        assert_eq!(ports.bulks.named(user(), &key(&bulk), at(99)).await, Ok(Some(bulk.clone())));
    }
    let mut listed = ports.bulks.of_user(user(), None, 20).await.unwrap().bulks;
    listed.reverse();
    assert_eq!(listed, bulks());
}

async fn bulk_before_days_is_read(ports: &Ports) {
    let expected = Bulk { retention: Default::default(), ..bulk(3, BulkState::Paused) };
    assert_eq!(ports.bulks.find(expected.id).await, Ok(Some(expected)));
}

fn exports() -> Vec<Export> {
    let zone = || TimeZone::get("America/Manaus").unwrap();
    let new = |seed: u8, form, state| Export {
        state,
        revision: 1,
        ..Export::new(ExportId::from_random([seed; 16]), subject(user(), 0, 9), zone(), form, at(99))
    };
    let mut tally = Tally::default();
    for status in [Status::Read, Status::Read, Status::Failed] {
        tally.add(at(0), status, &zone());
    }
    let progress = Progress {
        after: Some(PageKey { queued_at: at(3), id: SendId::from_random([0x52; 16]) }),
        read_all: true,
        rows: 1_000_000,
        upload: Some(PartsId::from_stored("2~abc/def")),
        parts: vec![PartTag::from_stored("\"etag-1\""), PartTag::from_stored("\"etag-2\"")],
        tally,
    };
    let under_way = new(2, ExportForm::Summary, ExportState::Processing);
    vec![
        new(1, ExportForm::Csv(Separator::Comma), ExportState::Queued),
        Export { progress, attempts: 3, restarts: 2, busy_until: Some(at(50)), ..under_way },
        new(3, ExportForm::Csv(Separator::Semicolon), ExportState::Ready),
        new(4, ExportForm::Summary, ExportState::Failed(ExportFailure::TooLarge)),
        new(5, ExportForm::Summary, ExportState::Failed(ExportFailure::GaveUp)),
    ]
}

async fn exports_are_written(ports: &Ports) {
    for mut export in exports() {
        export.revision = 0;
        ports.exports.create(&export).await.unwrap();
        ports.exports.save(&mut export).await.unwrap();
    }
}

async fn exports_are_read(ports: &Ports) {
    for export in exports() {
        assert_eq!(ports.exports.find(export.id).await, Ok(Some(export)));
    }
}

/// As they were asked for, one that is under way and knows all that it can, and ends that name nobody.
fn privacy() -> Vec<PrivacyOperation> {
    let new = |minutes: i64, kind, about| PrivacyOperation {
        revision: 1,
        ..PrivacyOperation::new(user(), kind, about, at(600 * minutes))
    };
    let mut under_way = new(3, PrivacyKind::Erase, About::Person(phone(7)));
    let mut names = Names::of(&phone(7));
    names.learn(&"7712345678901@lid".parse().unwrap());
    let work = under_way.work.as_mut().unwrap();
    let (workers, numbers) = (vec![phone(1)], vec![phone(1), phone(2)]);
    work.scope = Some(PrivacyScope { user: user(), workers, numbers, person: Some(names) });
    work.cursor = Some("{\"stage\":\"sends\"}".into());
    work.upload = Some("2~abc/def".into());
    work.parts = vec!["\"etag\"".into()];
    work.restarts = 2;
    work.read_all = true;
    under_way.state = PrivacyState::Processing;
    under_way.busy_until = Some(at(9));
    under_way.attempts = 3;
    under_way.count("sends", 1_000_000);
    let over = |minutes, state| PrivacyOperation {
        state,
        user: None,
        masked: None,
        work: None,
        ended_at: Some(at(99)),
        ..new(minutes, PrivacyKind::Erase, About::Tenant)
    };
    vec![
        new(1, PrivacyKind::Export, About::Person(phone(7))),
        new(2, PrivacyKind::Erase, About::Tenant),
        under_way,
        over(4, PrivacyState::Ready),
        over(5, PrivacyState::Failed(PrivacyFailure::GaveUp)),
        over(6, PrivacyState::Failed(PrivacyFailure::NotRemoved)),
        over(7, PrivacyState::Failed(PrivacyFailure::TooLarge)),
    ]
}

async fn privacy_is_written(ports: &Ports) {
    for mut operation in privacy() {
        operation.revision = 0;
        ports.privacy.create(&operation).await.unwrap();
        ports.privacy.save(&mut operation).await.unwrap();
    }
}

async fn privacy_is_read(ports: &Ports) {
    for operation in privacy() {
        assert_eq!(ports.privacy.find(operation.id).await, Ok(Some(operation)));
    }
}
