//! The contract of [`Exports`](carteiro_core::ports::Exports).

use crate::ports::Ports;
use crate::samples::{at, random, send_id, subject, user_id};
use carteiro_core::ids::ExportId;
use carteiro_core::ports::{PageKey, PartTag, PartsId};
use carteiro_core::report::{Export, ExportFailure, ExportForm, ExportState, Progress, Separator, Tally};
use carteiro_core::send::Status;
use jiff::tz::TimeZone;

crate::contract! { in memory too:
    an_export_reads_back_as_it_was_made,
    a_second_of_the_same_id_is_not_made,
    everything_that_changes_is_kept,
    of_two_who_save_the_same_one_does,
    the_largest_export_fits,
}

fn export() -> Export {
    let id = ExportId::from_random(random());
    let zone = TimeZone::get("America/Manaus").unwrap();
    Export::new(id, subject(user_id(), 0, 9), zone, ExportForm::Csv(Separator::Comma), at(99))
}

async fn an_export_reads_back_as_it_was_made(ports: &Ports) {
    for form in
        [ExportForm::Csv(Separator::Comma), ExportForm::Csv(Separator::Semicolon), ExportForm::Summary]
    {
        let made = Export { form, ..export() };
        assert_eq!(ports.exports.find(made.id).await, Ok(None));
        assert_eq!(ports.exports.create(&made).await, Ok(None));
        assert_eq!(ports.exports.find(made.id).await, Ok(Some(made)));
    }
}

async fn a_second_of_the_same_id_is_not_made(ports: &Ports) {
    let first = export();
    ports.exports.create(&first).await.unwrap();
    assert_eq!(ports.exports.create(&first).await, Ok(None), "the same again is the first, said twice");
    let second = Export { attempts: 7, ..first.clone() };
    assert_eq!(ports.exports.create(&second).await, Ok(Some(first.clone())));
    assert_eq!(ports.exports.find(first.id).await, Ok(Some(first)));
}

async fn everything_that_changes_is_kept(ports: &Ports) {
    let mut changing = export();
    ports.exports.create(&changing).await.unwrap();
    let mut tally = Tally::default();
    tally.add(at(0), Status::Read, &changing.zone);
    for state in [
        ExportState::Processing,
        ExportState::Ready,
        ExportState::Failed(ExportFailure::TooLarge),
        ExportState::Failed(ExportFailure::GaveUp),
    ] {
        changing.state = state;
        changing.attempts += 1;
        changing.restarts += 2;
        changing.busy_until = Some(at(i64::from(changing.attempts)));
        changing.progress = Progress {
            after: Some(PageKey { queued_at: at(3), id: send_id() }),
            read_all: true,
            rows: 1_000_000,
            upload: Some(PartsId::from_stored("2~abc/def")),
            parts: vec![PartTag::from_stored("\"etag-1\""), PartTag::from_stored("\"etag-2\"")],
            tally: tally.clone(),
        };
        let seen = changing.revision;
        assert_eq!(ports.exports.save(&mut changing).await, Ok(true));
        assert_eq!(changing.revision, seen + 1);
        assert_eq!(ports.exports.find(changing.id).await, Ok(Some(changing.clone())));
    }
    changing.busy_until = None;
    changing.progress = Progress::default();
    assert_eq!(ports.exports.save(&mut changing).await, Ok(true));
    assert_eq!(ports.exports.find(changing.id).await, Ok(Some(changing)));
}

async fn of_two_who_save_the_same_one_does(ports: &Ports) {
    let mut one = export();
    ports.exports.create(&one).await.unwrap();
    let mut other = Export { attempts: 3, ..one.clone() };
    assert_eq!(ports.exports.save(&mut one).await, Ok(true));
    assert_eq!((ports.exports.save(&mut other).await, other.revision), (Ok(false), 0));
    assert_eq!(ports.exports.find(one.id).await, Ok(Some(one)));
    let mut unknown = export();
    assert_eq!(ports.exports.save(&mut unknown).await, Ok(false), "what was never made cannot be saved");
}

async fn the_largest_export_fits(ports: &Ports) {
    let mut large = export();
    ports.exports.create(&large).await.unwrap();
    large.progress.parts = (0..5_000).map(|n| PartTag::from_stored(format!("\"{n:032x}\""))).collect();
    for day in 0..400 {
        large.progress.tally.add(at(day * 86_400), Status::Sent, &large.zone);
    }
    assert_eq!(ports.exports.save(&mut large).await, Ok(true));
    assert_eq!(ports.exports.find(large.id).await, Ok(Some(large)));
}
