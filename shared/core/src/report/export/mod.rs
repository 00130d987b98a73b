//! A report that is written in the background.

mod details;
mod form;
mod state;

pub use details::ExportDetails;
pub use form::ExportForm;
pub use state::{ExportFailure, ExportState};

use super::subject::Subject;
use super::tally::Tally;
use crate::ids::ExportId;
use crate::media::FileName;
use crate::object::ObjectKey;
use crate::ports::{PageKey, PartTag, PartsId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How far the writing is: all that the next run needs to go on exactly where this one was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last send that is in it.
    pub after: Option<PageKey>,
    /// Whether every send is in it.
    pub read_all: bool,
    /// How many sends are in it.
    pub rows: u64,
    /// The object that is being written.
    pub upload: Option<PartsId>,
    /// The parts of it that were written.
    pub parts: Vec<PartTag>,
    /// The counts of a summary.
    pub tally: Tally,
}

/// A report that is written in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// What it is about.
    pub subject: Subject,
    /// Where a day is a day, and what times are written in.
    pub zone: TimeZone,
    /// What it is written as.
    pub form: ExportForm,
    /// How far it is.
    pub state: ExportState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How far its writing is.
    pub progress: Progress,
    /// How many runs were begun since it last got further.
    pub attempts: u32,
    /// How often it was begun anew, its parts having been lost.
    pub restarts: u32,
    /// Until when the run that is under way may take.
    pub busy_until: Option<Timestamp>,
    /// How often it was saved.
    pub revision: u32,
}

/// Says that an export is to be written, or to be gone on with: what the queue of exports carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportWanted {
    /// The export.
    pub export_id: ExportId,
}

impl Export {
    /// How long an export is kept after it was asked for.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
    /// For how long asking the same again is answered with the same export.
    pub const SAME_FOR: SignedDuration = SignedDuration::from_mins(10);

    /// The id of the export of this form that is asked for at `now`. It is the same for whoever asks the same within the same
    /// ten minutes, so a client that asks again and again has it written once.
    pub fn id_of(subject: &Subject, zone: &TimeZone, form: ExportForm, now: Timestamp) -> ExportId {
        let bucket = now.as_second().div_euclid(Self::SAME_FOR.as_secs());
        let digest = Sha256::new()
            .chain_update(b"carteiro/export-id/1")
            .chain_update(subject.user.as_bytes())
            .chain_update(subject.number.digits().as_bytes())
            .chain_update([0])
            .chain_update(subject.period.from.as_microsecond().to_be_bytes())
            .chain_update(subject.period.to.as_microsecond().to_be_bytes())
            .chain_update(bucket.to_be_bytes())
            .chain_update(form.as_str().as_bytes())
            .chain_update([0])
            .chain_update(zone.iana_name().unwrap_or_default().as_bytes())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        ExportId::from_random(bytes)
    }

    /// A new export. What is accepted after `now` is not in it: so it has an end.
    pub fn new(id: ExportId, mut subject: Subject, zone: TimeZone, form: ExportForm, now: Timestamp) -> Self {
        subject.period.to = subject.period.to.min(now);
        Self {
            id,
            subject,
            zone,
            form,
            state: ExportState::Queued,
            created_at: now,
            progress: Progress::default(),
            attempts: 0,
            restarts: 0,
            busy_until: None,
            revision: 0,
        }
    }

    /// Where its file is.
    pub fn object(&self) -> ObjectKey {
        ObjectKey::export(self.subject.user, self.id)
    }

    /// What its file is called.
    pub fn file_name(&self) -> FileName {
        self.form.file_name(&self.subject)
    }

    /// Whether it has come to its end, good or bad.
    pub fn is_over(&self) -> bool {
        matches!(self.state, ExportState::Ready | ExportState::Failed(_))
    }

    /// Whether its time is over: it is as good as gone, though it may not be deleted yet.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.created_at + Self::KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;
    use crate::report::{Period, Separator};

    const CSV: ExportForm = ExportForm::Csv(Separator::Semicolon);

    fn subject(user: u8) -> Subject {
        Subject {
            user: UserId::from_random([user; 16]),
            number: "5511988887777".parse().unwrap(),
            period: Period::from_microseconds(0, 2_000_000_000_000_000).unwrap(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_same_is_the_same_for_ten_minutes() {
        let id = |user, zone, form, second| Export::id_of(&subject(user), &zone, form, at(second));
        let first = id(1, TimeZone::UTC, CSV, 600);
        assert_eq!(id(1, TimeZone::UTC, CSV, 1_199), first);
        let manaus = TimeZone::get("America/Manaus").unwrap();
        for other in [
            id(1, TimeZone::UTC, CSV, 1_200),
            id(2, TimeZone::UTC, CSV, 600),
            id(1, manaus, CSV, 600),
            id(1, TimeZone::UTC, ExportForm::Summary, 600),
            id(1, TimeZone::UTC, ExportForm::Csv(Separator::Comma), 600),
        ] {
            assert_ne!(other, first);
        }
    }

    #[test]
    fn an_export_ends_where_it_was_asked_for() {
        let export = Export::new(ExportId::from_random([1; 16]), subject(1), TimeZone::UTC, CSV, at(1_000));
        assert_eq!(export.subject.period.to, at(1_000));
        assert!(!export.is_expired(at(1_000 + 7 * 86_400 - 1)) && export.is_expired(at(1_000 + 7 * 86_400)));
        assert_eq!(export.file_name().as_str(), "envios-5511988887777.csv");
        assert!(export.object().as_str().starts_with("exports/"));
    }

    #[test]
    fn the_wire_form_is_stable() {
        let wanted = ExportWanted { export_id: ExportId::from_random([0; 16]) };
        let json = r#"{"export_id":"00000000-0000-4000-8000-000000000000"}"#;
        assert_eq!(serde_json::to_string(&wanted).unwrap(), json);
        assert_eq!(serde_json::from_str::<ExportWanted>(json).unwrap(), wanted);
    }
}
